import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useConnection } from "./useFeed";

const BACK_SHOWN_MS = 4_000;

/** Says that the connection is lost, and for a moment that it is back. Screen readers hear both. */
export function ConnectionBanner() {
  const { t } = useTranslation();
  const connection = useConnection();
  const lost = useRef(false);
  const [back, setBack] = useState(false);
  useEffect(() => {
    if (connection === "offline") {
      lost.current = true;
      setBack(false);
    } else if (connection === "online" && lost.current) {
      lost.current = false;
      setBack(true);
      const timer = setTimeout(() => setBack(false), BACK_SHOWN_MS);
      return () => clearTimeout(timer);
    }
    return undefined;
  }, [connection]);
  const offline = connection === "offline" || (connection === "connecting" && lost.current);
  return (
    <div role="status" className="connection">
      {offline && <p className="connection-lost">{t("lost")}</p>}
      {!offline && back && <p className="connection-back">{t("back")}</p>}
    </div>
  );
}
