// Pictures that an agent has picked, pasted or dropped, and not sent yet: they go with the next reply.

import { useTranslation } from "react-i18next";
import { createStore, useStore } from "../../ui/store";
import { say } from "../ui/say";

/** What the server takes. */
export const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const BYTES_MAX = 5 * 1024 * 1024;
/** More at once are a mistake. */
const AT_ONCE = 10;
const NONE: File[] = [];

const attached = createStore<Record<string, File[]>>({});

export interface Pictures {
  pictures: File[];
  /** Adds those that are pictures, and says why the others are not. */
  attach: (files: Iterable<File>) => void;
  remove: (file: File) => void;
  /** Takes them all away, to be sent. */
  take: () => File[];
}

export function usePictures(ticketId: string): Pictures {
  const { t } = useTranslation("agent");
  const pictures = useStore(attached)[ticketId] ?? NONE;
  const put = (next: File[]): void => attached.set({ ...attached.get(), [ticketId]: next });
  const known = (): File[] => attached.get()[ticketId] ?? NONE;
  return {
    pictures,
    attach: (files) => {
      for (const file of files) {
        if (!PICTURES.includes(file.type)) say(t("write.pictureKind", { name: file.name }));
        else if (file.size > BYTES_MAX) say(t("write.pictureSize", { name: file.name }));
        else if (known().length >= AT_ONCE) say(t("write.pictureMany", { most: AT_ONCE }));
        else put([...known(), file]);
      }
    },
    remove: (file) => put(known().filter((other) => other !== file)),
    take: () => {
      const all = known();
      put(NONE);
      return all;
    },
  };
}
