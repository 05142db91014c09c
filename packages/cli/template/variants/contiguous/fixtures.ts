export const link = {
  // <book-ids>
  sequence: 100,
  // </book-ids>
};
