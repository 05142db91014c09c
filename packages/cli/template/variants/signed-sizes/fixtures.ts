// <placeholders>
// Orders: answers, with placeholders of the order ({clientOrderId}, {exchangeOrderId}, {price}, {signedAmount}).
// </placeholders>
export const sign = "negative for a sale";
