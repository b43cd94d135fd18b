import type { Same } from "../../i18n/same";
import type { Texts } from "./en";

/** 管理页面的文字。 */
export const zh: Same<Texts> = {
  desks: {
    title: "服务台",
    lead: "由你管理的服务台。",
    none: "没有服务台",
    noneWhy: "你不是任何服务台的负责人，你的组织也还没有服务台。服务台由服务台文件创建。",
    openTickets_other: "{{count}} 个未关闭的工单",
    faqs_other: "{{count}} 条知识",
    chat: "聊天页面",
  },
};
