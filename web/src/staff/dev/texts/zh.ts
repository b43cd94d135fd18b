import type { Same } from "../../i18n/same";
import type { Texts } from "./en";

/** 调试台的文字。 */
export const zh: Same<Texts> = {
  calls: "调用",
};
