// The picture of a help desk; its first letter where there is none.

interface DeskPictureProps {
  name: string;
  /** Where the picture is, also as a `data:` address; nothing without one. */
  src?: string | undefined;
}

/** Where the picture of a help desk is read. */
export function pictureOf(id: string, key: string | undefined): string | undefined {
  return key && `/guest/v1/desks/${id}/avatar/${encodeURIComponent(key)}`;
}

export function DeskPicture({ name, src }: DeskPictureProps) {
  return src ? (
    <img className="desk-picture" src={src} alt="" />
  ) : (
    <span className="desk-picture" aria-hidden="true">
      {[...name.trim()][0]?.toUpperCase()}
    </span>
  );
}
