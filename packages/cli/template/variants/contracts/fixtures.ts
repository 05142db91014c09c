// <placeholders>
// Orders: answers, with placeholders of the order ({clientOrderId}, {exchangeOrderId}, {side}, {price}, {contracts}).
// </placeholders>
export const instrument = {
  // <instrument-sizes>
  contractSize: "0.001",
  stepSize: "0.1",
  minSize: "1",
  maxSize: "1000000",
  // </instrument-sizes>
};

export const book = {
  // <levels>
  bids: [
    ["5000.5", "10000"],
    ["4995", "5000"],
  ],
  asks: [["5001", "6000"]],
  // </levels>
};
