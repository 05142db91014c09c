export const sizes = {
  // <contract-size>
  // CHECK: the size of a contract, by which every size here is then divided.
  contractSize: "1",
  // </contract-size>
};
