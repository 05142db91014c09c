// <placeholders>
// Orders: answers, with placeholders of the order ({clientOrderId}, {exchangeOrderId}, {price}, {signedContracts}).
// </placeholders>
export const sign = "negative for a sale";
