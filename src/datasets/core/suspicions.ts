/** What looks wrong in data that can be read: findings beside the numbers, of pictures and recordings alike. */

/** One finding; the program goes on, the user should look. */
export interface Suspicion {
  /** What kind it is, for programs: `class-unseen`, `void-share`, … */
  readonly code: string;
  /** One sentence: what was found and what to do about it. */
  readonly message: string;
  /** The split, where it is about one. */
  readonly split?: string;
  /** Files that show it, as far as there are any; not more than a few. */
  readonly files?: readonly string[];
}
