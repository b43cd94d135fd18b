import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useScene } from "./scene";

interface Props {
  /** A picture of the chat by its key, or one that is on this page already. */
  picture: string | Blob;
  width?: unknown;
  height?: unknown;
  /** What to show if it cannot be loaded. */
  instead?: ComponentChildren;
}

/** A picture as a button that shows it larger. */
export function Picture({ picture, width, height, instead }: Props): JSX.Element {
  const { texts, conversation, enlarge } = useScene();
  const [blob, setBlob] = useState<Blob | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let wanted = true;
    const loading = typeof picture === "string" ? conversation.pictures.load(picture) : Promise.resolve(picture);
    loading.then(
      (loaded) => wanted && setBlob(loaded),
      () => wanted && setFailed(true),
    );
    return () => {
      wanted = false;
    };
  }, [picture]);
  if (failed) return <>{instead ?? <em class="faint">{texts.imageFailed}</em>}</>;
  return (
    <button type="button" class="picture" aria-label={texts.openImage} disabled={!blob} onClick={() => blob && enlarge(blob)}>
      {blob ? <Pixels blob={blob} alt={texts.image} width={size(width)} height={size(height)} onFail={() => setFailed(true)} /> : <span class="blank" />}
    </button>
  );
}

interface PixelsProps {
  blob: Blob;
  alt: string;
  width?: number | undefined;
  height?: number | undefined;
  onFail: () => void;
}

/** The picture itself. Where the embedding site's policy forbids blob addresses, it is painted onto a canvas. */
export function Pixels({ blob, alt, width, height, onFail }: PixelsProps): JSX.Element {
  const [url, setUrl] = useState("");
  const [painted, setPainted] = useState(false);
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  useEffect(() => {
    const area = canvas.current;
    if (!painted || !area) return;
    createImageBitmap(blob).then((bitmap) => {
      area.width = bitmap.width;
      area.height = bitmap.height;
      area.getContext("2d")?.drawImage(bitmap, 0, 0);
    }, onFail);
  }, [painted, blob]);
  if (painted) return <canvas ref={canvas} role="img" aria-label={alt} />;
  return url ? <img src={url} alt={alt} width={width} height={height} onError={() => setPainted(true)} /> : <span class="blank" />;
}

function size(value: unknown): number | undefined {
  const number = Number(value);
  return number > 0 && number < 10_000 ? Math.round(number) : undefined;
}
