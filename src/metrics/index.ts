// Counting

// What a network has to beat
export { commonestClass, constantPredictionScores, countClassPixels } from "./class-pixels.js";
export { ConfusionMatrix, type LabelArray, voidLabel } from "./confusion-matrix.js";
export { type PixelCounts, pixelCounts } from "./pixel-counts.js";
// Scores
export { type Scores, scoresOf } from "./scores.js";
