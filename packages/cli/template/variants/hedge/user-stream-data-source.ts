import { z } from "zod";

export const wirePosition = z.object({
  // <position-side-field>
  positionSide: z.enum(["both", "long", "short"]),
  // </position-side-field>
});

export function sideOf(row: z.output<typeof wirePosition>) {
  return {
    // <position-side>
    side: row.positionSide,
    // </position-side>
  };
}
