// The help desk's picture: chosen from a file, cut to a square, small enough for every guest to load.

import Button from "@douyinfe/semi-ui-19/lib/es/button";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { DeskPicture } from "../../ui/DeskPicture";

const KINDS = "image/png,image/jpeg,image/gif,image/webp";
/** Width and height of what is kept: twice what is shown at most. */
const SIDE = 256;

/** The middle of a picture as a square PNG in a `data:` address. */
async function squared(file: File): Promise<string> {
  const picture = await createImageBitmap(file);
  const side = Math.min(picture.width, picture.height);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.min(SIDE, side);
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("this browser cannot draw");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, (picture.width - side) / 2, (picture.height - side) / 2, side, side, 0, 0, canvas.width, canvas.height);
  picture.close();
  return canvas.toDataURL("image/png");
}

interface PictureProps {
  name: string;
  /** What is shown now; nothing without a picture. */
  src: string | undefined;
  why: string | undefined;
  /** The new picture as a `data:` address; empty for none. */
  onChange: (avatar: string) => void;
}

export function Picture({ name, src, why, onChange }: PictureProps) {
  const { t } = useTranslation("admin");
  const input = useRef<HTMLInputElement>(null);
  const [unreadable, setUnreadable] = useState(false);
  const choose = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    try {
      onChange(await squared(file));
      setUnreadable(false);
    } catch {
      setUnreadable(true);
    }
  };
  const told = unreadable ? t("settings.pictureUnreadable") : why;
  return (
    <fieldset className="plain field">
      <legend>{t("settings.picture")}</legend>
      <div className="row">
        <DeskPicture name={name} src={src} />
        <Button onClick={() => input.current?.click()}>{t(src ? "settings.otherPicture" : "settings.choosePicture")}</Button>
        {src && (
          <Button theme="borderless" onClick={() => onChange("")}>
            {t("settings.noPicture")}
          </Button>
        )}
        <input ref={input} type="file" accept={KINDS} hidden aria-label={t("settings.picture")} onChange={(event) => (void choose(event.target.files?.[0]), (event.target.value = ""))} />
      </div>
      <span className="field-hint">{t("settings.pictureHint")}</span>
      {told && (
        <span className="field-why" role="alert">
          {told}
        </span>
      )}
    </fieldset>
  );
}
