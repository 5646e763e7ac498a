#include "layer.h"

namespace snnseg::sparse {

const char* checkGeometry(const snn_geometry& g, Layer& layer) {
  constexpr int64_t largest = 1 << 15;
  if (g.in_channels < 1 || g.out_channels < 1 || g.in_channels > largest || g.out_channels > largest) {
    return "expected 1 to 32768 channels";
  }
  if (g.height < 1 || g.width < 1 || g.height > largest || g.width > largest) return "expected sides of 1 to 32768 pixels";
  if (g.kernel < 1 || g.kernel > 15 || g.stride < 1 || g.dilation < 1 || g.padding < 0 || g.padding > largest) {
    return "expected kernel 1 to 15, stride and dilation of at least 1, padding of at least 0";
  }
  if (g.pool_stride < 0) return "expected a pool stride of at least 0";
  if (g.input < SNN_INPUT_BITS || g.input > SNN_INPUT_BF16) return "expected bits, bytes or bf16 as input";
  if (g.pool_stride > 0 && g.input != SNN_INPUT_BITS) return "expected bits as the input of a pooled layer";
  layer.g = g;
  layer.mapHeight = g.pool_stride ? (g.height - 1) / g.pool_stride + 1 : g.height;
  layer.mapWidth = g.pool_stride ? (g.width - 1) / g.pool_stride + 1 : g.width;
  const int64_t reach = g.dilation * (g.kernel - 1);
  const int64_t spanY = layer.mapHeight + 2 * g.padding - reach - 1, spanX = layer.mapWidth + 2 * g.padding - reach - 1;
  if (spanY < 0 || spanX < 0) return "expected a kernel no larger than the padded map";
  layer.outHeight = spanY / g.stride + 1;
  layer.outWidth = spanX / g.stride + 1;
  layer.words = g.input == SNN_INPUT_BF16 ? (g.in_channels + 31) / 32 : (g.in_channels + 63) / 64;
  layer.outWords = (g.out_channels + 63) / 64;
  layer.taps = g.kernel * g.kernel;
  layer.inputScale = g.pool_stride ? 1.0f / 9.0f : 1.0f;
  return nullptr;
}

}  // namespace snnseg::sparse
