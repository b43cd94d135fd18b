// Language, appearance and who is signed in.

import IconDesktop from "@douyinfe/semi-icons/lib/es/icons/IconDesktop";
import IconExit from "@douyinfe/semi-icons/lib/es/icons/IconExit";
import IconLanguage from "@douyinfe/semi-icons/lib/es/icons/IconLanguage";
import IconMoon from "@douyinfe/semi-icons/lib/es/icons/IconMoon";
import IconSun from "@douyinfe/semi-icons/lib/es/icons/IconSun";
import IconUser from "@douyinfe/semi-icons/lib/es/icons/IconUser";
import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { rightsOf, type Session, useSignOut } from "../api/session";
import { language, speak } from "../i18n";
import { useStore } from "../ui/store";
import { THEMES, theme, wear } from "./theme";

const Account = lazy(() => import("./Account").then(({ Account: dialog }) => ({ default: dialog })));

const ICONS = { system: <IconDesktop aria-hidden />, light: <IconSun aria-hidden />, dark: <IconMoon aria-hidden /> };

/** Two buttons: the other language, the next appearance. */
export function Choices() {
  const { t } = useTranslation();
  const spoken = useStore(language);
  const worn = useStore(theme);
  const next = THEMES[(THEMES.indexOf(worn) + 1) % THEMES.length] ?? "system";
  const label = `${t("theme.name")}: ${t(`theme.${worn}`)}`;
  return (
    <>
      <Button theme="borderless" type="tertiary" icon={<IconLanguage aria-hidden />} aria-label={t("switchLanguage")} title={t("switchLanguage")} onClick={() => speak(spoken === "en" ? "zh" : "en")} />
      <Button theme="borderless" type="tertiary" icon={ICONS[worn]} aria-label={label} title={label} onClick={() => wear(next)} />
    </>
  );
}

/** Who is signed in, and the way out. */
export function Person({ session }: { session: Session }) {
  const { t } = useTranslation();
  const signOut = useSignOut();
  const [open, setOpen] = useState(false);
  const { name } = session.person;
  return (
    <div className="person">
      <span className="person-name" title={t("signedInAs", { name })}>
        {name} <small>{t(`rights.${rightsOf(session)}`)}</small>
      </span>
      <Button theme="borderless" type="tertiary" icon={<IconUser aria-hidden />} aria-label={t("account.title")} title={t("account.title")} onClick={() => setOpen(true)} />
      <Button theme="borderless" type="tertiary" icon={<IconExit aria-hidden />} aria-label={t("signOut")} title={t("signOut")} loading={signOut.isPending} onClick={() => signOut.mutate()} />
      {open && (
        <Suspense>
          <Account onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </div>
  );
}
