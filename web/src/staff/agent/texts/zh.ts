import type { Same } from "../../i18n/same";
import type { Texts } from "./en";

/** 工作台的文字。 */
export const zh: Same<Texts> = {
  desks: {
    title: "你的服务台",
    lead: "你作为客服、负责人或管理员参与的服务台。",
    none: "没有服务台",
    noneWhy: "还没有人把你设为某个服务台的客服。",
    chat: "聊天页面",
  },
};
