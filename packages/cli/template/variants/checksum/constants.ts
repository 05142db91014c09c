// <depth-comment>
// CHECK: the depth of the book, which the checksum is made over, and how many rows a page holds.
// </depth-comment>
export const ORDER_BOOK_DEPTH = 100;
