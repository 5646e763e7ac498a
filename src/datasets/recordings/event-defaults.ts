/** How frames are cut from recordings where nothing else is said. */

/** Length of a window, in microseconds: that of Ev-SegNet's frames. */
export const defaultWindowUs = 50_000;

/** Channels of a voxel grid. */
export const defaultBins = 5;
