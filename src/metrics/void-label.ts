/** Labels are bytes: a class, or void. */

/** The label of pixels that neither the loss nor a score looks at. */
export const voidLabel = 255;

/** The largest number of classes that a byte beside {@link voidLabel} can tell apart. */
export const maxClasses = 255;
