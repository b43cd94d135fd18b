/** The texts of the console. */
export const en = {
  desks: {
    title: "Your help desks",
    lead: "Where you work as an agent, as owner or as administrator.",
    none: "No help desk",
    noneWhy: "Nobody has made you an agent of a help desk yet.",
    chat: "Chat page",
  },
};

export type Texts = typeof en;
