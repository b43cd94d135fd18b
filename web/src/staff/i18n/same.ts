/** Texts with the same keys. Chinese has no singular, so the English `_one` has no counterpart. */
export type Same<T> = { [Key in keyof T as Key extends `${string}_one` ? never : Key]: T[Key] extends object ? Same<T[Key]> : string };
