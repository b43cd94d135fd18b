/** The texts of the administration pages. */
export const en = {
  desks: {
    title: "Help desks",
    lead: "The help desks you look after.",
    none: "No help desk",
    noneWhy: "You own none, and your organisation has none. They are made by a desk file.",
    openTickets_one: "{{count}} open ticket",
    openTickets_other: "{{count}} open tickets",
    faqs_one: "{{count}} FAQ",
    faqs_other: "{{count}} FAQs",
    chat: "Chat page",
  },
};

export type Texts = typeof en;
