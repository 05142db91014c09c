/** ccxt 2 ships declarations for the name `ccxt` only. */
declare module "ccxt-ftx";
