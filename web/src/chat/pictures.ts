// Pictures of the chat: loaded with the session's token, kept as long as the page shows them.

import type { Api } from "./api";

const SHOWN = ["image/png", "image/jpeg", "image/gif", "image/webp"];

export class Pictures {
  readonly #api: Api;
  #known = new Map<string, Promise<Blob>>();

  constructor(api: Api) {
    this.#api = api;
  }

  /** Uses a picture that the page has already. */
  know(key: string, picture: Blob): void {
    this.#known.set(key, Promise.resolve(picture));
  }

  load(key: string): Promise<Blob> {
    let loading = this.#known.get(key);
    if (!loading) {
      loading = this.#api.image(key).then((blob) => {
        if (!SHOWN.includes(blob.type.split(";")[0] ?? "")) throw new Error("not a picture");
        return blob;
      });
      loading.catch(() => this.#known.delete(key));
      this.#known.set(key, loading);
    }
    return loading;
  }

  forget(): void {
    this.#known.clear();
  }
}
