/** The texts of the developer's inspector. */
export const en = {
  calls: "Calls",
};

export type Texts = typeof en;
