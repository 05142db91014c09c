export const link = {
  // <book-ids>
  // </book-ids>
};
