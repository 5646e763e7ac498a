// The table of micro-kernels: what is compiled once per instruction set (isa/) and called by the portable drivers. Plain data
// only, as files compiled for other processors share no inline functions.
#pragma once

#include <cstdint>

#include "plan/gradient-plan.h"
#include "plan/tile-plan.h"
#include "plan/winograd-plan.h"
#include "surrogate.h"

namespace snnseg::sparse {

// --- Gather: sums of weight rows ----------------------------------------------------------------------------------

constexpr int gatherRowBytes = 128;  // weights of one input: of 64 outputs in 14 or 15 bits, or 32 in float32
template <class Weight>
constexpr int gatherOutputs = gatherRowBytes / sizeof(Weight);
constexpr int gatherAtOnce = 4;            // lists are multiples of it, filled up with rows of zeros
// The highest weights of which 16 bits hold four, and two; multiples of 127, so that weights of 8 bits are kept as they are.
constexpr int highestOf14Bits = 64 * 127, highestOf15Bits = 129 * 127;
static_assert(gatherAtOnce == 4 && 4 * highestOf14Bits < 1 << 15 && 2 * highestOf15Bits < 1 << 15, "sums of 16 bits");

constexpr int gatherWordBytes = 64 * gatherRowBytes;  // weights of a word of inputs

/// The lists of some neighbours in a row of pixels, which reach the same words: runs of words that follow each other, and whose weights do.
struct JoinTask {
  const uint16_t* listed;     // of word w: listed[wordBegin[w]..wordBegin[w+1]), its channels' rows from w * gatherWordBytes on, modulo 2^16
  const int32_t* wordBegin;   // of the origin of the first pixel
  int64_t originStep;         // words from one pixel's origin to the next
  const int32_t* offsets;     // of the runs, in words from the origin
  const int32_t* lengths;
  const uint16_t* bases;      // what is added to their entries for the first pixel
  int runs;
  uint16_t filler;            // what fills up a pixel's list
  int64_t pixels;
  uint16_t* entries;
  int32_t* begin;             // [pixels], where the lists begin in `entries`
  int32_t end;                // of what is there already
};

/// Adds the weight rows listed for each pixel p, entries[begin[p]..begin[p+1]), to the sums of the outputs of a row.
struct GatherTask {
  const uint16_t* entries;  // where rows begin, in bytes from `weights`
  const int32_t* begin;
  int64_t pixels;
  const void* weights;
  int multiplier;
  bool fresh;               // nothing is in the sums yet
};

/// Currents that sums become, of the outputs of a row for some pixels.
struct GatherCurrents {
  const float* scale;
  int64_t pixels;
  int64_t channels;  // of the row that are wanted
  float* currents;   // of the first pixel
  int64_t step;      // floats from pixel to pixel
};

/// Neurons that follow a gather: one step of the outputs of a row for some pixels.
struct GatherLif {
  const float* scale;
  const float* shift;
  const float* threshold;
  float leak;
  bool hardReset;
  int64_t pixels;
  float* membrane;   // [pixels, outputs of a row]
  uint8_t* bits;     // the spikes' place in the first pixel's words
  int64_t bitsStep;  // bytes from pixel to pixel
};

// --- Dense: lines of bytes or bf16 by weights, in tiles of 16 pixels by 16 outputs ---------------------------------

/// Writes a strip's lines of one frame.
struct TileFill {
  const TileLine* lines;
  int64_t lineCount;
  uint8_t* to;
};

/// Lines by weights: 0 to 9 in unsigned bytes or signed bytes (no -128) by signed bytes (no -128), or bf16 by bf16.
enum class TileProduct { unsignedBytes, signedBytes, bf16 };

/// All output channels of one strip of one image over some steps.
struct TileTask {
  const uint8_t* lines;
  int64_t linesPerStep;  // bytes
  int64_t steps;
  const Tile* tiles;
  int64_t tileCount;
  const TileStep* tileSteps;
  const int32_t* pixels;
  const int8_t* weights;  // [groups, weight steps, 2 tiles]
  int64_t groupBytes;
  int64_t groups;         // of 16 output channels with two digits, or 32 with one
  bool twoDigits;
  float base;             // of the digits: q = base * high + low
  TileProduct product;
  int depth;              // words of four bytes of a line that are not always 0, at most 16
  const float* scale;     // [steps, paddedOut]: weight step, input scale and batch norm together
  int64_t paddedOut;
  int64_t outChannels;

  // Fused dynamics; unused where currents are wanted.
  const float* shift;
  const float* threshold;
  float leak;
  bool hardReset;
  float* membrane;      // [groups, tiles, 16 pixels, channels of a group]
  uint64_t* bits;       // the image's first frame of these steps
  int64_t bitsPerStep;  // words between steps
  int64_t outWords;

  float* currents;   // one of the two, or fused dynamics
  uint16_t* halves;  // bf16
  int64_t currentsPerStep;
  float* moments;  // of the currents, [steps, 2, paddedOut]: sums and sums of squares are added; or null
};

// --- Winograd's form ------------------------------------------------------------------------------------------------

constexpr int64_t winogradPositionSums = 2 * 256 + 16;  // of 16 tiles by 32 outputs; staggered, as the plan's positions are
constexpr int64_t winogradSums = winogradPositions * winogradPositionSums;

/// All output channels of some tiles.
struct WinogradTask {
  const uint16_t* input;      // bf16 [frames, pixels, inChannels]
  const WinogradTile* tiles;  // of a frame
  int64_t frameTiles;
  int64_t first, count;       // counted over all frames
  int64_t pixels, inChannels, outChannels;
  const int8_t* weights;      // [groups of 32 outputs, positions, blocks of 32 inputs, 2 tiles of 16 outputs]
  int64_t groupBytes;
  const TileStep* steps;      // blocks of 32 inputs
  int stepCount;
  void* lines;                // work space: [16 tiles, positions, blocks, tile, 32 inputs]
  int64_t positionValues;     // from one position's lines to the next
  float* sums;                // work space: [16 tiles, positions, 2, tile, 16 outputs]

  float* currents;   // one of the two
  uint16_t* halves;  // bf16
};

// --- Convolutions of small unsigned integers -----------------------------------------------------------------------

constexpr int integerOutputs = 16;  // output channels of a group
constexpr int largestInteger = 127;

/// What becomes of the sums of output pixels: y = scale * sum + shift by channel, each operation rounded to float32; then one of
///   integers alone  fire(y), where fire(y) = floor(clip(y, 0, levels) + 1/2)
///   values alone    y
///   both            values v = residual + y, integers fire(v / threshold)
struct IntegerSink {
  const float* scale;  // [channels], as shift and threshold: padded to a multiple of 16
  const float* shift;
  int64_t channels;
  int levels;
  uint8_t* integers;   // [pixels, channels], as values and residual; or null
  float* values;
  const float* residual;
  const float* threshold;
};

/// All outputs of some pixels that follow each other.
struct IntegerTiles {
  const uint8_t* const* lines;  // [taps, lineStride]: each pixel's inputs, 4 * words bytes; up to 8 more pixels are read, which are `zeros`
  int64_t lineStride;
  const uint8_t* zeros;         // the line outside the image
  int64_t pixels;
  int taps;
  int words;                    // of four channels
  int exact;                    // words whose products fit 16 bits together
  const int8_t* weights;        // [groups, taps, words, 16 outputs, 4 inputs]
  int64_t groups;
  IntegerSink sink;             // of the first pixel
};

/// One row of outputs of a depthwise convolution.
struct IntegerDepthwise {
  const uint8_t* const* rows;  // [kernel] rows of the input, [width, channels], or null outside the image
  int64_t width, outWidth;
  int64_t kernel, stride, dilation, padding;
  bool shortSums;              // sums fit 16 bits
  const int8_t* weights;       // [kernel * kernel, channels]
  IntegerSink sink;            // of the first pixel
};

// --- Weight gradients ---------------------------------------------------------------------------------------------

/// Inputs of one frame and strip as lines of pairs: to[phase][channel group of 16][pair]. Bytes here and below are those of the level, see
/// bytesOfHalf; steps count bf16.
struct InputLines {
  const int32_t* positions;
  int64_t count;
  int64_t phases;
  int64_t channels;
  uint8_t* to;
  int64_t phaseBytes, groupBytes;
};

/// Adds the products of some frames of a strip to the sums.
struct GradientTask {
  const uint8_t* gradients;  // [frames, pairs of output groups, chunks, 2] tiles
  const uint8_t* inputs;     // [frames, phases, input groups, pairs] lines
  int64_t frames, gradientFrameBytes, panelBytes, inputFrameBytes, phaseBytes, groupBytes;
  int64_t outputGroups, inputGroups;  // of 16 channels, even numbers
  const GradientTap* taps;
  int64_t tapCount;
  const TileStep* steps;
  float* sums;               // [output groups, input groups, taps] tiles of 16 outputs by 16 inputs
};

constexpr int listedOutputs = 64;  // whose gradients are a row

// --- Neurons, a row of channels at a time --------------------------------------------------------------------------

/// What the rows of one step have in common.
struct LifRow {
  const float* scale;             // batch norm y = z * scale + shift; null: y = z
  const float* shift;
  const float* threshold;         // [channels]
  const float* inverseThreshold;  // 1 / threshold
  float leak;
  float inverseImbalance;         // 1 / alpha of the negative threshold, or 0
  bool hardReset;
  int64_t channels;
  const float* next;              // what will be read next in the place of z
};

struct Fired {
  int64_t count;
  double excess;  // sum of u / threshold
};

/// What will be read next in the places of gs and z.
struct NextBackward {
  const uint16_t* gs;
  const float* z;
};

/// What the rows of one step have in common backward.
struct LifBackwardRow {
  const float* threshold;
  const float* inverseThreshold;
  float leak;
  bool hardReset;
  Surrogate surrogate;
  int64_t channels;
};

// --- Batch norm and an activation without memory -------------------------------------------------------------------

/// n = z * scale + shift (scale null: n = z); then ReLU where levels is 0, else integers up to it.
struct ActivationRow {
  const float* scale;  // [channels], as shift, threshold and amplitude
  const float* shift;
  const float* threshold;
  const float* amplitude;
  float levels;
  int64_t channels;
};

/// Sums over rows of g' = dL/dn and of g' * (z - mean), and the gradients of thresholds where they are learnt (else null);
/// `scaled` where the amplitude is the threshold.
struct ActivationSums {
  const float* mean;
  float* sum;
  float* dot;
  float* threshold;
  bool scaled;
};

/// What training takes from g' before it is scaled: gradient + (z - mean) * dot; mean is null where nothing is taken.
struct NormShares {
  const float* mean;
  const float* gradient;
  const float* dot;
};

// --- Depthwise convolutions ----------------------------------------------------------------------------------------

/// sum[i * sumStep + c] += a[i * aStep + c] * b[i * bStep + c] for i < count and c < channels; a step of 0 is one row for all.
struct ProductRows {
  const float* a;
  int64_t aStep;
  const float* b;
  int64_t bStep;
  float* sum;
  int64_t sumStep;
  int64_t count, channels;
};

// --- Optimizers ----------------------------------------------------------------------------------------------------

struct AdamStep {
  float beta1, beta2, rest1, rest2, eps;  // rest = 1 - beta
  float weightDecay;  // added to the gradient
  float kept;         // share of the weight that decoupled decay keeps
  float step;         // lr / (1 - beta1^k)
  float correction;   // sqrt(1 - beta2^k)
};

struct Kernels {
  /// Appends base + i * step for each set bit i; returns the number appended. Up to 64 entries past the end may be written.
  int (*list)(uint64_t bits, int base, int step, uint16_t* to);
  /// Joins the lists of words to those of pixels; returns the end of what is written. Up to 64 entries past the ends may be read and written.
  int32_t (*joinLists)(const JoinTask& task);
  void (*addFloats)(float* sums, const GatherTask& task);
  void (*addIntegers14)(int32_t* sums, const GatherTask& task);
  void (*addIntegers15)(int32_t* sums, const GatherTask& task);
  void (*scaleIntegers)(const int32_t* sums, const GatherCurrents& to);
  void (*scaleFloats)(const float* sums, const GatherCurrents& to);
  void (*lifIntegers)(const int32_t* sums, const GatherLif& lif);
  void (*lifFloats)(const float* sums, const GatherLif& lif);

  void (*fillLinesBits)(const TileFill& fill, const uint64_t* frame, int64_t words);
  /// Bytes of a bf16 value in the lines and weights of TileProduct::bf16: 2, or 4 where they are widened to float32.
  int (*bytesOfHalf)();
  /// `channels` bf16 values a pixel, 32 a line.
  void (*fillLinesBf16)(const TileFill& fill, const uint16_t* frame, int64_t channels);
  /// Counts 0..9 of the 3x3 windows of a [height, width] map, `mapWidth` windows a row.
  void (*fillLinesPooled)(const TileFill& fill, const uint64_t* frame, int64_t words, int64_t height, int64_t width, int64_t mapWidth, int64_t stride);
  void (*runTiles)(const TileTask& task);
  /// Bytes of a value in the lines and weights of Winograd's form: 4 of float32, or 2 of bfloat16, whose pairs are multiplied.
  int (*bytesOfWinograd)();
  void (*runWinograd)(const WinogradTask& task);

  void (*integerTiles)(const IntegerTiles& task);
  void (*integerDepthwise)(const IntegerDepthwise& task);
  /// floor(clip(values / threshold, 0, levels) + 1/2): [pixels, channels]; threshold is padded to a multiple of 16 channels.
  void (*fireIntegers)(const float* values, int64_t pixels, int64_t channels, const float* threshold, int levels, uint8_t* integers);
  uint8_t (*largestByte)(const uint8_t* bytes, int64_t count);

  void (*inputLinesBits)(const InputLines& lines, const uint64_t* frame, int64_t words);
  void (*inputLinesBf16)(const InputLines& lines, const uint16_t* frame);
  /// Counts as fillLinesPooled.
  void (*inputLinesPooled)(const InputLines& lines, const uint64_t* frame, int64_t words, int64_t height, int64_t width, int64_t mapWidth, int64_t stride);
  /// Gradients [pixel, channels] at `count` positions, `groups` of 16 channels from channel `first` on, as tiles of 16 channels
  /// by 32 positions: to[pair of groups][chunk][group].
  void (*gradientTiles)(const int32_t* positions, int64_t count, const uint16_t* frame, int64_t channels, int64_t first, int64_t groups, uint8_t* to);
  void (*runGradientTiles)(const GradientTask& task);
  /// A row of up to 64 gradients, zeros after them, as addListedRows takes them; bytes of one.
  void (*layListedRow)(const uint16_t* from, int64_t count, uint8_t* to);
  int (*bytesOfListedRow)();
  /// sums[64] += row entries[i] for each i.
  void (*addListedRows)(float* sums, const uint8_t* rows, const uint16_t* entries, int64_t count);

  /// One step of rows: `v` becomes the membranes after it; spikes as bits or as floats.
  Fired (*fireBits)(const LifRow& row, const float* z, float* v, int64_t rows, uint64_t* words);
  Fired (*fireFloats)(const LifRow& row, const float* z, float* v, int64_t rows, float* spikes);
  /// The same for its charge u alone.
  void (*chargeRows)(const LifRow& row, const float* z, float* v, int64_t rows, float* u);
  /// g = dL/dy = gs * dS/du + carry; the carry to the step before is leak * g (hard reset: 0 where the neuron fired there).
  void (*lifBackward)(const LifBackwardRow& row, const float* gs, const float* u, float* carry, int64_t rows, float* g);
  /// The same with gs and g in bf16 (they may be one); adds g and g * z to sum and dot.
  void (*lifBackwardHalves)(const LifBackwardRow& row, const uint16_t* gs, const float* u, const float* z, float* carry, int64_t rows,
                            const NextBackward& next, uint16_t* g, float* sum, float* dot);

  /// Rows of channels through norm and activation; counts the integers sent, and sums n / threshold.
  Fired (*activate)(const ActivationRow& row, const float* z, int64_t rows, float* y);
  void (*addActivationSums)(const ActivationRow& row, const float* gy, const float* z, int64_t rows, const ActivationSums& to);
  /// g = dL/dz.
  void (*activationBackward)(const ActivationRow& row, const float* gy, const float* z, int64_t rows, const NormShares& shares, float* g);
  /// Moments of z - pivot, whose squares stay small beside their variance.
  void (*addMomentsAbout)(const float* z, const float* pivot, int64_t rows, int64_t channels, float* sum, float* squares);

  /// sum += z and squares += z^2 over rows of channels; in double one row at a time.
  void (*addMoments)(const float* z, int64_t rows, int64_t channels, float* sum, float* squares);
  void (*addMomentsDouble)(const float* z, double* sum, double* squares, int64_t channels);
  /// sum += g, dot += g * (z - mean) * invStd.
  void (*addNormSums)(const float* g, const float* z, const float* mean, const float* invStd, double* sum, double* dot, int64_t channels);
  /// g = scale * (g - meanGradient - (z - mean) * invStd * meanDot).
  void (*normBackward)(float* g, const float* z, const float* mean, const float* invStd, const float* scale, const float* meanGradient, const float* meanDot, int64_t channels);
  void (*scaleRow)(float* g, const float* scale, int64_t channels);
  /// g = a*g + b*z + c in bf16; or added to sum.
  void (*affineHalves)(const float* a, const float* b, const float* c, const float* z, uint16_t* g, int64_t channels);
  void (*addAffineHalves)(const float* a, const float* b, const float* c, const float* z, const uint16_t* g, float* sum, int64_t channels);
  void (*addTo)(const float* from, double* to, int64_t count);
  void (*addHalves)(const uint16_t* from, float* to, int64_t count);
  void (*scaleToHalves)(const float* from, float factor, uint16_t* to, int64_t count);

  /// 64 words of 64 bits: bit c of word i becomes bit i of word c.
  void (*turnBits)(uint64_t* words);
  /// Up to 64 pixels of up to 64 channels, `channelStride` apart: bit c of word i is value c of pixel i; returns false where a value
  /// is neither 0 nor 1.
  bool (*packWords)(const float* values, int64_t channels, int64_t pixels, int64_t channelStride, uint64_t* words);
  void (*unpackWords)(const uint64_t* words, int64_t channels, int64_t pixels, int64_t channelStride, float* values);
  /// The same for one pixel whose channels are neighbours.
  bool (*packChannels)(const float* values, int64_t channels, uint64_t* word);
  void (*unpackChannels)(uint64_t word, int64_t channels, float* values);
  /// Values as bytes; false where one is not an integer in [-127, 127].
  bool (*packBytes)(const float* values, int64_t count, int8_t* bytes);
  /// counts[c] = in how many of up to 255 steps bit c is set.
  void (*countSteps)(const uint64_t* words, int64_t steps, int64_t stride, uint8_t* counts);
  int64_t (*countBits)(const uint64_t* words, int64_t count);

  void (*addProducts)(const ProductRows& rows);

  void (*sgdRange)(float* w, const float* g, float* velocity, float lr, float momentum, float weightDecay, int64_t n);
  /// Without `largest`, by the second moment itself.
  void (*adamRange)(float* w, const float* g, float* mean, float* square, float* largest, const AdamStep& step, int64_t n);
};

}  // namespace snnseg::sparse
