import type { Files } from "../../../../src/runtime/runtime.ts";
import { fileOfPackage } from "../own-package.ts";
import type { VenueChoices } from "./choices.ts";
import { variantsOf } from "./variants.ts";

/** Folders of the template, with the files of each. */
const TEMPLATE_FILES = {
  venue: [
    "constants.ts",
    "manifest.ts",
    "web-utils.ts",
    "auth.ts",
    "errors.ts",
    "order-book-data-source.ts",
    "user-stream-data-source.ts",
    "requests.ts",
    "markets.ts",
    "derivative.ts",
  ],
  test: ["fixtures.ts", "conformance.ts"],
  protocol: ["server.ts", "connection.ts", "market-channels.ts", "definition.ts"],
} as const;
export type TemplateFolder = keyof typeof TEMPLATE_FILES;

/** A file that only one variant has, beside those that it changes. */
const CHECKSUM_FILE = "checksum.ts";
const PARTS_FILE = "variants/signed-parts/auth.ts";

/** A file of the template, and the variants that are laid over it, in their order. */
export interface TemplateFile {
  readonly folder: TemplateFolder;
  readonly file: string;
  /** Sources: the template's own first. */
  readonly layers: readonly TemplateLayer[];
}

export interface TemplateLayer {
  /** Path below `template/`. */
  readonly path: string;
  readonly text: string;
}

/** Everything that is read of the template for a venue: real files, which are checked like all others. */
export interface Template {
  readonly files: readonly TemplateFile[];
  /** An expression for each part that may be signed. */
  readonly parts: TemplateLayer;
}

type Reader = Pick<Files, "exists" | "readText">;

export const templatePath = (path: string): string => fileOfPackage(`template/${path}`);

export async function readTemplate(files: Reader, choices: VenueChoices): Promise<Template> {
  const variants = variantsOf(choices);
  const read: TemplateFile[] = [];
  for (const [folder, names] of entriesOf(TEMPLATE_FILES)) {
    for (const file of names) {
      const layers = await layersOf(files, [
        `${folder}/${file}`,
        ...variants.map((name) => `variants/${name}/${file}`),
      ]);
      read.push({ folder, file, layers });
    }
  }
  const checksum = await layersOf(files, [`variants/checksum/${CHECKSUM_FILE}`]);
  if (variants.includes("checksum")) read.push({ folder: "venue", file: CHECKSUM_FILE, layers: checksum });
  return { files: read, parts: { path: PARTS_FILE, text: await files.readText(templatePath(PARTS_FILE)) } };
}

async function layersOf(files: Reader, paths: readonly string[]): Promise<readonly TemplateLayer[]> {
  const layers: TemplateLayer[] = [];
  for (const path of paths) {
    const full = templatePath(path);
    if (await files.exists(full)) layers.push({ path, text: await files.readText(full) });
  }
  return layers;
}

function entriesOf<Key extends string, Value>(
  record: Readonly<Record<Key, Value>>,
): readonly (readonly [Key, Value])[] {
  return Object.keys(record).flatMap((key) => (isKey(record, key) ? [[key, record[key]] as const] : []));
}

function isKey<Key extends string>(record: Readonly<Record<Key, unknown>>, key: string): key is Key {
  return Object.hasOwn(record, key);
}
