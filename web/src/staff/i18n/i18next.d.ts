import type { en as admin } from "../admin/texts/en";
import type { en as agent } from "../agent/texts/en";
import type { en as dev } from "../dev/texts/en";
import type { en as shell } from "./en";
import type { traffic } from "./traffic-en";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "shell";
    resources: { shell: typeof shell & typeof traffic; admin: typeof admin; agent: typeof agent; dev: typeof dev };
  }
}
