// Reads messages of order books where they stand, in AssemblyScript for WebAssembly: sixteen bytes are one comparison, and
// no branch depends on how many digits a number has. `src/market-data/scan-kernel.ts` calls it; `npm run kernel` compiles
// it. Functions return the place after what they read, or 0 for what is not written so.

/** Values of the message by their slots: doubles. */
export const NUMBERS: usize = 0x400;
/** Count of bids and whether there are zeros among them, and the same of asks. */
export const COUNTS: usize = 0x480;
/** How levels are written: `SHAPE_BYTES` for each way. */
export const SHAPES: usize = 0x500;
/** Room for layouts and their texts. */
export const LAYOUTS: usize = 0x1000;
export const LAYOUTS_END: usize = 0x4000;
/** Prices of bids, sizes of bids, prices of asks, sizes of asks: `MAX_LEVELS` doubles each. */
export const COLUMNS: usize = 0x4000;
export const MAX_LEVELS: i32 = 4096;
const COLUMN_BYTES: usize = 0x8000;
/** Hash table of markets: an int32 a place, the number of a market or -1. */
const TABLE: usize = 0x24000;
const TABLE_PLACES: u32 = 4096;
/** Markets, `MARKET_BYTES` each: unit of sizes, digits of prices and of sizes in units, length of the name, the name. */
export const MARKETS: usize = 0x28000;
export const MARKET_BYTES: usize = 96;
export const MAX_MARKETS: i32 = 2048;
export const UNIT: usize = 0;
export const PRICE_SCALE: usize = 8;
export const SIZE_SCALE: usize = 12;
export const NAME_LENGTH: usize = 16;
export const NAME: usize = 32;
export const MAX_NAME: i32 = 64;
/** The message, and a vector of zeros after it. */
export const INPUT: usize = 0x60000;
export const INPUT_BYTES: usize = 0x100000;

/** Kinds of the steps of a layout, numbered as `KIND` of `src/market-data/scan-kernel.ts` has them. */
const END: i32 = 0;
const INTEGER: i32 = 1;
const SECONDS: i32 = 2;
const SYMBOL: i32 = 3;
const BIDS: i32 = 4;
const ASKS: i32 = 5;
const TEXT: i32 = 6;
const SCALAR: i32 = 7;

/** A step of a layout: place and length of the bytes before a value, kind of the value, its slot or shape; int32 each. */
export const STEP_BYTES: usize = 16;
const STEP_LENGTH: usize = 4;
const STEP_KIND: usize = 8;
const STEP_SLOT: usize = 12;

/** A shape: lengths of its texts and whether prices and sizes are in quotes, a byte each, and the texts. */
export const SHAPE_BYTES: usize = 0x120;
export const SHAPE_TEXT_BYTES: usize = 32;
export const IS_PRICE_QUOTED: usize = 16;
export const IS_SIZE_QUOTED: usize = 17;
/** Tells that both are in quotes, and that no text between them has more than sixteen bytes. */
export const IS_SHORT: usize = 18;
/** Tells that a level is an array whose other values may be digits in quotes. */
export const HAS_TEXTS: usize = 19;
/** Texts of a shape by their places: before a price, and between it and the size. */
const OPEN: i32 = 0;
const MIDDLE: i32 = 1;
/** From a size to the next price, and to the end of the list. */
const BETWEEN: i32 = 2;
const LAST: i32 = 3;
/** Where a level has more values: after the size, before each of them, after the last, and from there to the next price. */
const SIZE_END: i32 = 4;
const OTHER: i32 = 5;
const CLOSE: i32 = 6;
const NEXT: i32 = 7;

const NO_MARKET: i32 = -1;
const NOT_READ: i32 = -1;
/** Scaled integers have at most 15 digits. */
const MAX_SCALED: f64 = 999999999999999;
const MAX_DIGITS: i32 = 15;
const SHORT_DIGITS: i32 = 8;
/** A number of eight digits times this is a scaled integer still. */
const MAX_SHORT_UNIT: f64 = 1000000;
const MAX_SAFE: f64 = 9007199254740991;
/** Longest text of a number that is read at all. */
const MAX_LENGTH: usize = 100;
/** A double is as near to a time as its text while its fraction has no more digits: that of the sum is rounded once. */
const TIME_DIGITS: usize = 7;
const EARLIEST_SECONDS: f64 = 1073741824;
const LATEST_SECONDS: f64 = 8589934592;

const QUOTE: u8 = 0x22;
const COMMA: u8 = 0x2c;
const MINUS: u8 = 0x2d;
const POINT: u8 = 0x2e;
const ZERO: u8 = 0x30;
const CLOSE_BRACKET: u8 = 0x5d;

const ONES_AND_ZEROS: usize = memory.data<u8>([
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
], 16);
// Vectors are loaded: V8 puts a constant one together anew at each use.
const ZEROS: usize = memory.data<u8>([48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48], 16);
const NINES: usize = memory.data<u8>([9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9], 16);
const POINTS: usize = memory.data<u8>([46, 46, 46, 46, 46, 46, 46, 46, 46, 46, 46, 46, 46, 46, 46, 46], 16);
const QUOTES: usize = memory.data<u8>([34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34], 16);
const WEIGHTS: usize = memory.data<i16>([1000, 100, 10, 1, 1000, 100, 10, 1], 16);
const WEIGHTS_OF_FOURS: usize = memory.data<i16>([10000, 10000, 1, 1, 10000, 10000, 1, 1], 16);
/** Row `scale`: the number of each lane, and one more for the last `scale` lanes, which come after a point. */
const PLACES: usize = memory.data(256, 16);
/** The same for the eight digits of a short number. */
const SHORT_PLACES: usize = memory.data(256, 16);

/** The number that was read last. */
let value: f64 = 0;
/** Result of `shortNumber`: the number, something negative once anything was wrong, and the greatest of all digits. */
let short: i64 = 0;
let wrong: i32 = 0;
let greatest: v128 = i8x16.splat(0);
/** The market of the message. */
let market: i32 = NO_MARKET;

/** Called once. */
export function prepare(): void {
  for (let scale: usize = 0; scale < 16; scale++) {
    for (let lane: usize = 0; lane < 16; lane++) {
      store<u8>(PLACES + scale * 16 + lane, <u8>(lane + (lane >= 16 - scale ? 1 : 0)));
      store<u8>(SHORT_PLACES + scale * 16 + lane, lane < 8 ? <u8>(lane + (lane + scale >= 8 ? 1 : 0)) : 255);
    }
  }
  memory.fill(TABLE, 255, TABLE_PLACES * 4);
}

/** A message of so many bytes stands at `INPUT`. */
export function begin(length: i32): void {
  // Readers stop at a zero, whatever the message before was.
  v128.store(INPUT + <usize>length, i8x16.splat(0));
  market = NO_MARKET;
}

/** The vector whose lowest lanes, so many, are ones. */
@inline
function lowest(lanes: i32): v128 {
  return v128.load(ONES_AND_ZEROS + 16 - <usize>lanes);
}

/** The number of sixteen digits, the most significant first. */
@inline
function numberOf(digits: v128): f64 {
  const weights = v128.load(WEIGHTS);
  const low = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(digits), weights);
  const high = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(digits), weights);
  const fours = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_s(low, high), v128.load(WEIGHTS_OF_FOURS));
  const upper = i32x4.extract_lane(fours, 0) + i32x4.extract_lane(fours, 1);
  const lower = i32x4.extract_lane(fours, 2) + i32x4.extract_lane(fours, 3);
  return <f64>upper * 100000000.0 + <f64>lower;
}

/** The values of sixteen bytes as digits: of those that are none, more than nine. */
@inline
function digitsAt(at: usize): v128 {
  return i8x16.sub(v128.load(at), v128.load(ZEROS));
}

/** Number of bytes before the first that is no digit. */
@inline
function lengthOfDigits(digits: v128): i32 {
  return ctz(i8x16.bitmask(i8x16.gt_u(digits, v128.load(NINES))) | 0x10000);
}

@inline
function isDigit(at: usize): bool {
  return <u8>(load<u8>(at) - ZERO) <= 9;
}

/** Reads a decimal as an integer of `scale` digits after the point into `value`. */
@inline
function decimal(at: usize, scale: i32, isQuoted: bool): usize {
  const bytes = v128.load(at);
  const digits = i8x16.sub(bytes, v128.load(ZEROS));
  const isPoint = i8x16.eq(bytes, v128.load(POINTS));
  const isRead = v128.or(isPoint, i8x16.eq(i8x16.min_u(digits, v128.load(NINES)), digits));
  const others = ~i8x16.bitmask(isRead) | 0x10000;
  // The next number waits for nothing but this end.
  const end = isQuoted ? ctz(i8x16.bitmask(i8x16.eq(bytes, v128.load(QUOTES))) | 0x10000) : ctz(others);
  const below = (1 << end) - 1;
  const points = i8x16.bitmask(isPoint) & below;
  const whole = ctz(points | (1 << end));
  // Whether there is a point is as good as random: one branch that is hardly ever taken stands for all that may be wrong.
  const wrong = (others & below) | (points & (points - 1)) | <i32>(end == whole + 1) | <i32>(whole == 0);
  const isLong = <i32>(end >= 16) | <i32>(whole + scale > MAX_DIGITS) | <i32>(end - whole - 1 > scale);
  const isOctal = <i32>!isQuoted & <i32>(load<u8>(at) == ZERO) & <i32>(whole > 1);
  if (wrong | isLong | isOctal) return decimalByBytes(at, scale, isQuoted);
  const from = i8x16.splat(<i8>(16 - scale - whole));
  const places = i8x16.sub(v128.load(PLACES + (<usize>scale << 4)), from);
  value = numberOf(i8x16.swizzle(v128.and(digits, lowest(end)), places));
  return at + <usize>end;
}

/** Does the same for a number of any length: of 15 digits, beside zeros after those of the scale. */
function decimalByBytes(from: usize, scale: i32, isQuoted: bool): usize {
  let at = from;
  let mantissa: u64 = 0;
  let digits: i32 = 0;
  let fraction: i32 = 0;
  for (; isDigit(at); at++) {
    mantissa = mantissa * 10 + <u64>(load<u8>(at) - ZERO);
    digits++;
    if (digits > MAX_DIGITS) return 0;
  }
  if (digits == 0 || (!isQuoted && digits > 1 && load<u8>(from) == ZERO)) return 0;
  if (load<u8>(at) == POINT) {
    at++;
    const first = at;
    for (; isDigit(at); at++) {
      const digit = load<u8>(at) - ZERO;
      // Zeros beyond the book's digits say nothing.
      if (fraction == scale) {
        if (digit != 0) return 0;
        continue;
      }
      mantissa = mantissa * 10 + <u64>digit;
      fraction++;
    }
    if (at == first || at - from > MAX_LENGTH) return 0;
  }
  if (digits + fraction > MAX_DIGITS || (isQuoted && load<u8>(at) != QUOTE)) return 0;
  for (; fraction < scale; fraction++) {
    mantissa *= 10;
    if (mantissa > <u64>MAX_SCALED) return 0;
  }
  value = <f64>mantissa;
  return at;
}

/** Tells that the bytes at a place are those of a text of at most 32. */
@inline
function isAt(at: usize, text: usize, length: usize): bool {
  const differing = ~i8x16.bitmask(i8x16.eq(v128.load(at), v128.load(text)));
  if (length <= 16) return (differing & ((1 << <i32>length) - 1)) == 0;
  const later = ~i8x16.bitmask(i8x16.eq(v128.load(at + 16), v128.load(text + 16)));
  return (differing & 0xffff) == 0 && (later & ((1 << <i32>(length - 16)) - 1)) == 0;
}

/** Tells the same of a text of any length. */
@inline
function isText(at: usize, text: usize, length: usize): bool {
  let place: usize = 0;
  for (; place + 16 <= length; place += 16) {
    if (v128.any_true(v128.xor(v128.load(at + place), v128.load(text + place)))) return false;
  }
  return place == length || isAt(at + place, text + place, length - place);
}

/** The place after the quote that ends a text, from its first byte; none where something is escaped in it. */
function endOfText(from: usize): usize {
  let at = from;
  while (true) {
    const bytes = v128.load(at);
    const quotes = i8x16.bitmask(i8x16.eq(bytes, v128.load(QUOTES)));
    // Control characters are no JSON, and a zero is the end of the message.
    const unread = v128.or(i8x16.eq(bytes, i8x16.splat(0x5c)), i8x16.lt_u(bytes, i8x16.splat(0x20)));
    const wrong = i8x16.bitmask(unread);
    if (quotes != 0) return (wrong & (quotes ^ (quotes - 1))) == 0 ? at + <usize>ctz(quotes) + 1 : 0;
    if (wrong != 0) return 0;
    at += 16;
  }
}

/** The place after a text, a number without exponent, or a word. */
function endOfScalar(from: usize): usize {
  const first = load<u8>(from);
  if (first == QUOTE) return endOfText(from + 1);
  const length = lengthOfDigits(digitsAt(from));
  if (length > 0 && length < 16 && first != ZERO && load<u8>(from + <usize>length) != POINT) return from + <usize>length;
  const start = first == MINUS ? from + 1 : from;
  let at = start;
  while (isDigit(at)) at++;
  if (at > start) {
    if (at - start > 1 && load<u8>(start) == ZERO) return 0;
    if (load<u8>(at) != POINT) return at;
    const point = at++;
    while (isDigit(at)) at++;
    return at - point > 1 ? at : 0;
  }
  if (start > from) return 0;
  const word = load<u32>(from);
  if (word == 0x65757274 || word == 0x6c6c756e) return from + 4; // "true" and "null"
  return word == 0x736c6166 && load<u8>(from + 4) == 0x65 ? from + 5 : 0; // "false"
}

/** Reads a whole number that a double holds exactly into `value`. */
@inline
function integer(at: usize): usize {
  const digits = digitsAt(at);
  const length = lengthOfDigits(digits);
  const end = at + <usize>length;
  if (length == 0 || (length > 1 && load<u8>(at) == ZERO) || (length == 16 && isDigit(end))) return 0;
  const places = i8x16.sub(v128.load(PLACES), i8x16.splat(<i8>(16 - length)));
  value = numberOf(i8x16.swizzle(v128.and(digits, lowest(length)), places));
  return value <= MAX_SAFE ? end : 0;
}

/** Reads epoch seconds with a fraction as the double that `JSON.parse` makes of them. */
function seconds(from: usize): usize {
  const point = integer(from);
  if (point == 0 || load<u8>(point) != POINT) return point;
  const whole = value;
  if (whole < EARLIEST_SECONDS || whole >= LATEST_SECONDS) return 0;
  let at = point + 1;
  let fraction: f64 = 0;
  let power: f64 = 1;
  for (; isDigit(at) && at - point <= TIME_DIGITS + 1; at++) {
    fraction = fraction * 10 + <f64>(load<u8>(at) - ZERO);
    power *= 10;
  }
  const digits = at - point - 1;
  if (digits == 0 || digits > TIME_DIGITS) return 0;
  value = whole + fraction / power;
  return at;
}

@inline
function recordOf(index: i32): usize {
  return MARKETS + <usize>index * MARKET_BYTES;
}

/** Where the table is looked at first for a name: by its length and its first sixteen bytes. */
@inline
function placeOf(name: usize, length: i32): u32 {
  const bytes = v128.and(v128.load(name), lowest(min(length, 16)));
  const mixed = i64x2.extract_lane(bytes, 0) ^ (i64x2.extract_lane(bytes, 1) * 0x1e3779b97f4a7c15) ^ <i64>length;
  return <u32>((mixed * 0x56e8feb86659fd93) >>> 40) & (TABLE_PLACES - 1);
}

/** Puts a market whose record is written into the table. */
export function addMarket(index: i32): void {
  const record = recordOf(index);
  let place = placeOf(record + NAME, load<i32>(record + NAME_LENGTH));
  while (load<i32>(TABLE + (<usize>place << 2)) != NO_MARKET) place = (place + 1) & (TABLE_PLACES - 1);
  store<i32>(TABLE + (<usize>place << 2), index);
}

@inline
function isNamed(record: usize, name: usize, length: i32): bool {
  return load<i32>(record + NAME_LENGTH) == length && isText(name, record + NAME, <usize>length);
}

/** Finds the market whose name stands at a place, with a quote after it. A name that stands twice is the same one. */
function symbol(from: usize): usize {
  const end = endOfText(from);
  const length = <i32>(end - from) - 1;
  if (end == 0 || length <= 0 || length > MAX_NAME) return 0;
  if (market != NO_MARKET) return isNamed(recordOf(market), from, length) ? end : 0;
  let place = placeOf(from, length);
  while (true) {
    const index = load<i32>(TABLE + (<usize>place << 2));
    if (index == NO_MARKET) return 0;
    const record = recordOf(index);
    if (isNamed(record, from, length)) {
      // Digits are known from a message that was read over `JSON.parse`.
      if (load<i32>(record + PRICE_SCALE) < 0) return 0;
      market = index;
      return end;
    }
    place = (place + 1) & (TABLE_PLACES - 1);
  }
}

@inline
function textOf(shape: usize, text: i32): usize {
  return shape + SHAPE_TEXT_BYTES * <usize>(text + 1);
}

@inline
function lengthOf(shape: usize, text: i32): usize {
  return <usize>load<u8>(shape + <usize>text);
}

/** The place after what ends a level, from the end of its size, with values between that are left out. */
function endOfLevel(from: usize, shape: usize): usize {
  let at = from + lengthOf(shape, SIZE_END);
  if (!isAt(from, textOf(shape, SIZE_END), lengthOf(shape, SIZE_END))) return 0;
  while (!isAt(at, textOf(shape, CLOSE), lengthOf(shape, CLOSE))) {
    const length = lengthOf(shape, OTHER);
    if (length == 0 || !isAt(at, textOf(shape, OTHER), length)) return 0;
    at += length;
    const end = at + 1 + <usize>lengthOfDigits(digitsAt(at + 1));
    at = load<u8>(at) == QUOTE && load<u8>(end) == QUOTE ? end + 1 : endOfScalar(at);
    if (at == 0) return 0;
  }
  return at + lengthOf(shape, CLOSE);
}

/**
 * The length of what ends a level that is an array, from the quote after its size, where the other values are digits in
 * quotes and all of it has at most sixteen bytes; 0 otherwise.
 */
@inline
function shortEnd(at: usize): i32 {
  const bytes = v128.load(at);
  const close = ctz(i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(<i8>CLOSE_BRACKET))) | 0x10000);
  const below = (1 << close) - 1;
  const quotes = i8x16.bitmask(i8x16.eq(bytes, v128.load(QUOTES))) & below;
  const commas = i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(<i8>COMMA))) & below;
  const digits = i8x16.sub(bytes, v128.load(ZEROS));
  const read = quotes | commas | i8x16.bitmask(i8x16.eq(i8x16.min_u(digits, v128.load(NINES)), digits));
  const opening = commas << 1;
  const closing = quotes & ~opening;
  // A quote that closes a text is before each comma and the end, and nowhere else; one that opens a text after each comma.
  const misplaced = ((closing << 1) ^ (commas | (1 << close))) | (opening & ~quotes);
  const isRead = close < 16 && (below & ~read) == 0 && misplaced == 0;
  return isRead ? close + 1 : 0;
}

/** Reads one number for `shortLevels`; returns its length. */
@inline
function shortNumber(at: usize, scale: i32): i32 {
  const bytes = v128.load(at);
  const end = ctz(i8x16.bitmask(i8x16.eq(bytes, v128.load(QUOTES))) | 0x10000);
  const points = i8x16.bitmask(i8x16.eq(bytes, v128.load(POINTS))) & ((1 << end) - 1);
  const whole = ctz(points | (1 << end));
  const fraction = end - whole - <i32>(points != 0);
  wrong |= (15 - end) | (whole - 1) | (SHORT_DIGITS - scale - whole) | (scale - fraction);
  const own = v128.and(i8x16.sub(bytes, v128.load(ZEROS)), lowest(end));
  const places = i8x16.sub(v128.load(SHORT_PLACES + (<usize>scale << 4)), i8x16.splat(<i8>(SHORT_DIGITS - scale - whole)));
  const digits = i8x16.swizzle(own, places);
  greatest = i8x16.max_u(greatest, digits);
  const twos = (i64x2.extract_lane(digits, 0) * 0xa01) >>> 8;
  const fours = ((twos & 0x00ff00ff00ff00ff) * 0x640001) >>> 16;
  short = ((fours & 0x0000ffff0000ffff) * 0x271000000001) >>> 32;
  return end;
}

/**
 * Reads the levels of a side whose numbers are in quotes and have eight digits at most. Whatever may be wrong is
 * gathered, and looked at once: 0 says that `levels` is to read the list.
 */
function shortLevels(from: usize, side: usize, shape: usize, priceScale: i32, sizeScale: i32, unit: f64): usize {
  const middle = v128.load(textOf(shape, MIDDLE));
  const between = v128.load(textOf(shape, BETWEEN));
  const last = v128.load(textOf(shape, LAST));
  const middleLength = lengthOf(shape, MIDDLE);
  const betweenLength = lengthOf(shape, BETWEEN);
  const middleMask = (1 << <i32>middleLength) - 1;
  const betweenMask = (1 << <i32>betweenLength) - 1;
  const lastMask = (1 << <i32>lengthOf(shape, LAST)) - 1;
  const hasTexts = load<u8>(shape + HAS_TEXTS) != 0;
  const prices = COLUMNS + side * 2 * COLUMN_BYTES;
  const end = prices + COLUMN_BYTES;
  let at = from;
  let column = prices;
  let zeros: i32 = 0;
  wrong = 0;
  greatest = i8x16.splat(0);
  while (true) {
    at += <usize>shortNumber(at, priceScale);
    if ((~i8x16.bitmask(i8x16.eq(v128.load(at), middle)) & middleMask) != 0) return 0;
    zeros |= <i32>(short == 0);
    store<f64>(column, <f64>short);
    at += middleLength;
    at += <usize>shortNumber(at, sizeScale);
    zeros |= <i32>(short == 0) << 1;
    store<f64>(column + COLUMN_BYTES, <f64>short * unit);
    column += 8;
    const after = v128.load(at);
    if ((~i8x16.bitmask(i8x16.eq(after, between)) & betweenMask) == 0) {
      at += betweenLength;
    } else {
      if ((~i8x16.bitmask(i8x16.eq(after, last)) & lastMask) == 0) {
        at += lengthOf(shape, LAST);
        break;
      }
      const rest = hasTexts ? <usize>shortEnd(at) : 0;
      at = rest == 0 ? endOfLevel(at, shape) : at + rest;
      if (at == 0) return 0;
      if (load<u8>(at) == CLOSE_BRACKET) {
        at++;
        break;
      }
      if (!isAt(at, textOf(shape, NEXT), lengthOf(shape, NEXT))) return 0;
      at += lengthOf(shape, NEXT);
    }
    if (column == end) return 0;
  }
  if (wrong < 0 || i8x16.bitmask(i8x16.gt_u(greatest, v128.load(NINES))) != 0) return 0;
  tell(side, <i32>((column - prices) >> 3), zeros);
  return at;
}

/** Tells how many levels were read of a side, and by two bits whether a price, or a size, is zero. */
@inline
function tell(side: usize, count: i32, zeros: i32): void {
  store<i32>(COUNTS + side * 8, count);
  store<i32>(COUNTS + side * 8 + 4, zeros);
}

/** Reads the levels of a side, 0 for bids and 1 for asks, from after the bracket of their list. */
function levels(from: usize, side: usize, shape: usize): usize {
  if (market == NO_MARKET) return 0;
  const record = recordOf(market);
  const unit = load<f64>(record + UNIT);
  const priceScale = load<i32>(record + PRICE_SCALE);
  const sizeScale = load<i32>(record + SIZE_SCALE);
  const isPriceQuoted = load<u8>(shape + IS_PRICE_QUOTED) != 0;
  const isSizeQuoted = load<u8>(shape + IS_SIZE_QUOTED) != 0;
  const middleLength = lengthOf(shape, MIDDLE);
  const betweenLength = lengthOf(shape, BETWEEN);
  const prices = COLUMNS + side * 2 * COLUMN_BYTES;
  let at = from;
  let count: usize = 0;
  let zeros: i32 = 0;
  if (load<u8>(at) == CLOSE_BRACKET) {
    tell(side, 0, 0);
    return at + 1;
  }
  if (priceScale > MAX_DIGITS || sizeScale < 0 || sizeScale > MAX_DIGITS) return 0;
  if (!isAt(at, textOf(shape, OPEN), lengthOf(shape, OPEN))) return 0;
  at += lengthOf(shape, OPEN);
  const isShort = priceScale < SHORT_DIGITS && sizeScale < SHORT_DIGITS && unit <= MAX_SHORT_UNIT;
  if (isShort && load<u8>(shape + IS_SHORT) != 0) {
    const end = shortLevels(at, side, shape, priceScale, sizeScale, unit);
    if (end != 0) return end;
  }
  while (true) {
    at = decimal(at, priceScale, isPriceQuoted);
    if (at == 0 || !isAt(at, textOf(shape, MIDDLE), middleLength)) return 0;
    zeros |= <i32>(value == 0);
    store<f64>(prices + (count << 3), value);
    at = decimal(at + middleLength, sizeScale, isSizeQuoted);
    const size = value * unit;
    if (at == 0 || !(size <= MAX_SCALED)) return 0;
    zeros |= <i32>(size == 0) << 1;
    store<f64>(prices + COLUMN_BYTES + (count << 3), size);
    count++;
    if (isAt(at, textOf(shape, BETWEEN), betweenLength)) {
      at += betweenLength;
    } else {
      if (isAt(at, textOf(shape, LAST), lengthOf(shape, LAST))) {
        at += lengthOf(shape, LAST);
        break;
      }
      at = endOfLevel(at, shape);
      if (at == 0) return 0;
      if (load<u8>(at) == CLOSE_BRACKET) {
        at++;
        break;
      }
      if (!isAt(at, textOf(shape, NEXT), lengthOf(shape, NEXT))) return 0;
      at += lengthOf(shape, NEXT);
    }
    if (count == MAX_LEVELS) return 0;
  }
  tell(side, <i32>count, zeros);
  return at;
}

/** Reads a value of a kind, from after the quote or the bracket that begins it. */
export function valueAt(at: usize, kind: i32, slot: usize): usize {
  let end: usize = 0;
  switch (kind) {
    case INTEGER:
      end = integer(at);
      store<f64>(NUMBERS + (slot << 3), value);
      return end;
    case SECONDS:
      end = seconds(at);
      store<f64>(NUMBERS + (slot << 3), value);
      return end;
    case SYMBOL:
      return symbol(at);
    case BIDS:
      return levels(at, 0, slot);
    case ASKS:
      return levels(at, 1, slot);
    case TEXT:
      return endOfText(at);
    default:
      return endOfScalar(at);
  }
}

/** The number of the market of the message; -1 where its name was not read. */
export function marketRead(): i32 {
  return market;
}

/** Reads the message of a length at `INPUT`, where it is written as a layout says; returns the number of its market, or -1. */
export function read(length: i32, layout: usize): i32 {
  begin(length);
  let at = INPUT;
  let step = layout;
  while (true) {
    const fixed = <usize>load<i32>(step + STEP_LENGTH);
    if (!isText(at, <usize>load<i32>(step), fixed)) return NOT_READ;
    at += fixed;
    const kind = load<i32>(step + STEP_KIND);
    if (kind == END) return at == INPUT + <usize>length ? market : NOT_READ;
    at = valueAt(at, kind, <usize>load<i32>(step + STEP_SLOT));
    if (at == 0) return NOT_READ;
    step += STEP_BYTES;
  }
}
