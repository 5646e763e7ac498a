// A GPU that is none, for tests on machines without one: `cuda` then stands for the device that libtorch leaves to others,
// and each operator runs on copies in CPU tensors. What a GPU refuses is refused:
//   - tensors of two devices in one operator, but for numbers that stand for scalars;
//   - reading its memory from the host: it is protected, so that code that follows a pointer into it dies.
// stand_in::waits() is how often the host had to wait for it: readings, and copies that are not made from pinned memory without waiting.
// The kernels of native/cuda are compiled for the host and run as loops, in which memory beyond a tensor's end stays protected.
// It says nothing of speed, of libtorch's kernels for CUDA, or of their numbers.
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/EmptyTensor.h>
#include <ATen/NativeFunctions.h>
#include <ATen/native/CPUFallback.h>
#if __has_include(<ATen/detail/PrivateUse1HooksInterface.h>)
#include <ATen/detail/PrivateUse1HooksInterface.h>
#endif
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <new>
#include <set>
#include <string>
#include <unordered_map>

#include "addon/cpu-allocator.h"
#include "addon/device.h"
#include "cuda/functions.h"
#include "opened-memory.h"

namespace {

constexpr auto gpu = c10::DeviceType::PrivateUse1;

/// Blocks of pages that nobody may touch, and the lock under which one copy at a time may. A tensor ends where a page does that
/// is never opened.
class Memory {
 public:
  void* take(size_t bytes) {
    constexpr size_t alignment = 16;
    const size_t opened = (bytes + page - 1) / page * page;
    void* first = mmap(nullptr, opened + page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (first == MAP_FAILED) throw std::bad_alloc();
    void* block = static_cast<char*>(first) + (opened - bytes) / alignment * alignment;
    const std::lock_guard<std::mutex> lock(mutex_);
    blocks_[block] = {first, opened, bytes};
    live_ += bytes;
    peak_ = std::max(peak_, live_);
    return block;
  }

  void give(void* block) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = blocks_.find(block);
    munmap(found->second.first, found->second.bytes + page);
    live_ -= found->second.wanted;
    blocks_.erase(found);
  }

  template <typename Body>
  void opened(const at::Tensor& tensor, Body&& body) {
    void* block = tensor.storage().data_ptr().get();
    if (block == nullptr) return;
    Pages pages;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      pages = blocks_.at(block);
    }
    mprotect(pages.first, pages.bytes, PROT_READ | PROT_WRITE);
    body();
    mprotect(pages.first, pages.bytes, PROT_NONE);
  }

  void protectAll(int protection) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [block, pages] : blocks_) mprotect(pages.first, pages.bytes, protection);
  }

  snnseg::TensorMemory taken() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return {live_, 0, peak_};
  }

  void resetPeak() {
    const std::lock_guard<std::mutex> lock(mutex_);
    peak_ = live_;
  }

 private:
  struct Pages {
    void* first;
    size_t bytes;  // without the page that is never opened
    size_t wanted;
  };

  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  std::mutex mutex_;
  std::unordered_map<void*, Pages> blocks_;
  size_t live_ = 0, peak_ = 0;
};

Memory& memory() {
  static Memory* only = new Memory();
  return *only;
}

class Allocator final : public c10::Allocator {
 public:
#if SNNSEG_ALLOCATE_IS_CONST
  c10::DataPtr allocate(size_t bytes) const override { return make(bytes); }
#else
  c10::DataPtr allocate(size_t bytes) override { return make(bytes); }
  void copy_data(void*, const void*, size_t) const override { throw std::logic_error("copy_data of the stand-in GPU"); }
#endif
  c10::DeleterFnPtr raw_deleter() const override { return &release; }

 private:
  static c10::DataPtr make(size_t bytes) {
    const c10::Device device(gpu, 0);
    if (bytes == 0) return {nullptr, nullptr, &release, device};
    void* block = memory().take(bytes);
    return {block, block, &release, device};
  }
  static void release(void* block) {
    if (block != nullptr) memory().give(block);
  }
};

Allocator& allocator() {
  static Allocator* only = new Allocator();
  return *only;
}

/// The same bytes seen as a CPU tensor; to be used while the memory is open.
at::Tensor onHost(const at::Tensor& x) {
  if (x.device().is_cpu()) return x;
  return at::from_blob(x.data_ptr(), x.sizes(), x.strides(), at::TensorOptions(x.scalar_type()));
}

at::Tensor makeEmpty(at::IntArrayRef sizes, at::IntArrayRef strides, at::ScalarType type) {
  int64_t elements = sizes.empty() ? 1 : 0;
  bool none = false;
  int64_t last = 0;
  for (size_t i = 0; i < sizes.size(); i++) {
    none = none || sizes[i] == 0;
    last += (sizes[i] - 1) * strides[i];
  }
  if (!sizes.empty()) elements = none ? 0 : last + 1;
  const size_t bytes = static_cast<size_t>(elements) * at::elementSize(type);
  auto storage = c10::make_intrusive<c10::StorageImpl>(c10::StorageImpl::use_byte_size_t(), bytes, allocator().allocate(bytes), &allocator(), true);
  at::Tensor tensor = at::detail::make_tensor<c10::TensorImpl>(std::move(storage), c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                                               c10::scalarTypeToTypeMeta(type));
  tensor.unsafeGetTensorImpl()->set_sizes_and_strides(sizes, strides);
  return tensor;
}

at::Tensor empty(at::IntArrayRef sizes, c10::optional<at::ScalarType> type, c10::optional<at::Layout>, c10::optional<at::Device>,
                 c10::optional<bool>, c10::optional<at::MemoryFormat> format) {
  const at::Tensor meta = at::empty(sizes, at::TensorOptions(at::kMeta), format);
  return makeEmpty(sizes, meta.strides(), type.value_or(at::kFloat));
}

at::Tensor emptyStrided(at::IntArrayRef sizes, at::IntArrayRef strides, c10::optional<at::ScalarType> type, c10::optional<at::Layout>,
                        c10::optional<at::Device>, c10::optional<bool>) {
  return makeEmpty(sizes, strides, type.value_or(at::kFloat));
}

std::atomic<int64_t> waits{0};
/// Above 0 where the stand-in itself copies, to compute.
thread_local int computing = 0;

struct Computing {
  Computing() { computing++; }
  ~Computing() { computing--; }
};

/// Host memory that a GPU copies from by itself.
class PinnedAllocator final : public c10::Allocator {
 public:
#if SNNSEG_ALLOCATE_IS_CONST
  c10::DataPtr allocate(size_t bytes) const override { return make(bytes); }
#else
  c10::DataPtr allocate(size_t bytes) override { return make(bytes); }
  void copy_data(void* destination, const void* source, size_t count) const override { default_copy_data(destination, source, count); }
#endif
  c10::DeleterFnPtr raw_deleter() const override { return &release; }

  static bool holds(const void* data) {
    const std::lock_guard<std::mutex> lock(mutex());
    return blocks().count(data) > 0;
  }

 private:
  static c10::DataPtr make(size_t bytes) {
    void* block = std::malloc(std::max<size_t>(1, bytes));
    if (block == nullptr) throw std::bad_alloc();
    const std::lock_guard<std::mutex> lock(mutex());
    blocks().insert(block);
    return {block, block, &release, c10::Device(c10::DeviceType::CPU)};
  }
  static void release(void* block) {
    const std::lock_guard<std::mutex> lock(mutex());
    blocks().erase(block);
    std::free(block);
  }
  static std::mutex& mutex() {
    static std::mutex* only = new std::mutex();
    return *only;
  }
  static std::set<const void*>& blocks() {
    static auto* only = new std::set<const void*>();
    return *only;
  }
};

PinnedAllocator& pinnedAllocator() {
  static PinnedAllocator* only = new PinnedAllocator();
  return *only;
}

bool isPinned(const at::Tensor& x, c10::optional<at::Device>) { return PinnedAllocator::holds(x.storage().data_ptr().get()); }

at::Tensor copyFrom(const at::Tensor& source, const at::Tensor& target, bool nonBlocking) {
  const bool acrossDevices = source.device().is_cpu() != target.device().is_cpu();
  const bool waitsNot = nonBlocking && source.device().is_cpu() && isPinned(source, c10::nullopt);
  if (acrossDevices && !waitsNot && computing == 0) waits++;
  const auto copy = [&] { onHost(target).copy_(onHost(source)); };
  const auto inner = [&] { source.device().is_cpu() ? copy() : memory().opened(source, copy); };
  if (target.numel() == 0) return target;
  const bool sameBlock = !source.device().is_cpu() && !target.device().is_cpu() && source.storage().data_ptr().get() == target.storage().data_ptr().get();
  if (sameBlock) {
    memory().opened(source, copy);
  } else if (target.device().is_cpu()) {
    inner();
  } else {
    memory().opened(target, inner);
  }
  return target;
}

at::Tensor copyFromAndResize(const at::Tensor& source, const at::Tensor& target) {
  if (target.sizes() != source.sizes()) {
    const at::Tensor fresh = makeEmpty(source.sizes(), source.strides(), target.scalar_type());
    target.unsafeGetTensorImpl()->set_storage_keep_dtype(fresh.storage());
    target.unsafeGetTensorImpl()->set_sizes_and_strides(fresh.sizes(), fresh.strides());
  }
  return copyFrom(source, target, false);
}

const at::Tensor& resize(const at::Tensor& self, at::IntArrayRef sizes, c10::optional<at::MemoryFormat>) {
  const at::Tensor meta = at::empty(sizes, at::TensorOptions(at::kMeta));
  const at::Tensor fresh = makeEmpty(sizes, meta.strides(), self.scalar_type());
  self.unsafeGetTensorImpl()->set_storage_keep_dtype(fresh.storage());
  self.unsafeGetTensorImpl()->set_sizes_and_strides(sizes, meta.strides());
  return self;
}

at::Tensor asStrided(const at::Tensor& self, at::IntArrayRef sizes, at::IntArrayRef strides, c10::optional<int64_t> offset) {
  at::Tensor view = at::detail::make_tensor<c10::TensorImpl>(c10::TensorImpl::VIEW, c10::Storage(self.storage()), self.key_set(), self.dtype());
  view.unsafeGetTensorImpl()->set_storage_offset(offset.value_or(self.storage_offset()));
  view.unsafeGetTensorImpl()->set_sizes_and_strides(sizes, strides);
  return view;
}

at::Tensor viewOf(const at::Tensor& self, at::IntArrayRef sizes) {
  // Strides by way of a tensor without memory.
  const at::Tensor meta = at::empty_strided(self.sizes(), self.strides(), at::TensorOptions(at::kMeta)).view(sizes);
  return asStrided(self, meta.sizes(), meta.strides(), c10::nullopt);
}

at::Tensor reshapeAlias(const at::Tensor& self, at::IntArrayRef sizes, at::IntArrayRef strides) {
  return asStrided(self, sizes, strides, c10::nullopt);
}

/// libtorch repeats by writing through this view.
at::Tensor unfold(const at::Tensor& self, int64_t dimension, int64_t size, int64_t step) {
  std::vector<int64_t> sizes = self.sizes().vec(), strides = self.strides().vec();
  const size_t axis = dimension < 0 ? dimension + self.dim() : dimension;
  sizes.push_back(size);
  strides.push_back(strides[axis]);
  sizes[axis] = (sizes[axis] - size) / step + 1;
  strides[axis] *= step;
  return asStrided(self, sizes, strides, c10::nullopt);
}

at::Tensor toGpu(const at::Tensor& x) { return x.defined() ? x.to(c10::Device(gpu, 0)) : x; }
at::Tensor toCpu(const c10::optional<at::Tensor>& x) { return x && x->defined() ? x->cpu() : at::Tensor(); }

/// Each tensor among the arguments.
template <typename Visit>
void forEachTensor(const torch::jit::Stack& stack, size_t arguments, Visit&& visit) {
  for (size_t i = stack.size() - arguments; i < stack.size(); i++) {
    const c10::IValue& value = stack[i];
    if (value.isTensor()) {
      visit(value.toTensor());
    } else if (value.isTensorList()) {
      for (const at::Tensor& each : value.toTensorVector()) visit(each);
    } else if (value.isList()) {
      for (const c10::IValue& each : value.toListRef()) {
        if (each.isTensor()) visit(each.toTensor());
      }
    }
  }
}

/// Operators whose kernels take a number from the host in place of a tensor.
bool takesNumbers(const std::string& name) {
  return name == "aten::add" || name == "aten::sub" || name == "aten::mul" || name == "aten::div";
}

void refuseMixture(const c10::OperatorHandle& op, const torch::jit::Stack& stack) {
  const bool numbers = takesNumbers(op.schema().name());
  forEachTensor(stack, op.schema().arguments().size(), [&](const at::Tensor& each) {
    const bool fine = !each.defined() || !each.device().is_cpu() || each.unsafeGetTensorImpl()->is_wrapped_number() || (numbers && each.dim() == 0);
    TORCH_CHECK(fine, "Expected all tensors to be on the same device, but ", op.schema().name(), " got one of ", each.sizes(), " on the CPU");
  });
}

std::vector<at::Tensor> moved(const std::vector<at::Tensor>& list, c10::Device device) {
  std::vector<at::Tensor> copies;
  for (const at::Tensor& each : list) copies.push_back(each.to(device));
  return copies;
}

/// Operators of lists, which libtorch's own fallback did not write back in 1.13.
void onCopiedLists(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  const auto& arguments = op.schema().arguments();
  std::vector<std::pair<std::vector<at::Tensor>, std::vector<at::Tensor>>> written;
  const size_t first = stack->size() - arguments.size();
  for (size_t i = 0; i < arguments.size(); i++) {
    c10::IValue& value = (*stack)[first + i];
    if (!value.isTensorList()) continue;
    const auto there = value.toTensorVector(), here = moved(there, at::kCPU);
    if (arguments[i].alias_info() != nullptr && arguments[i].alias_info()->isWrite()) written.emplace_back(there, here);
    value = c10::IValue(here);
  }
  op.callBoxed(stack);
  for (const auto& [there, here] : written) {
    for (size_t k = 0; k < there.size(); k++) there[k].copy_(here[k]);
  }
  for (c10::IValue& value : *stack) {
    if (value.isTensorList()) value = c10::IValue(moved(value.toTensorVector(), c10::Device(gpu, 0)));
  }
}

/// Operators whose result the host needs, be it only its size.
bool isRead(const std::string& name) {
  return name == "aten::_local_scalar_dense" || name == "aten::nonzero" || name == "aten::masked_select" || name == "aten::equal";
}

void onCopies(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  refuseMixture(op, *stack);
  if (computing == 0 && isRead(op.schema().name())) waits++;
  const Computing now;
  const bool lists = op.schema().name().rfind("aten::_foreach_", 0) == 0;
  lists ? onCopiedLists(op, stack) : at::native::cpu_fallback(op, stack);
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> batchNorm(const at::Tensor& x, const c10::optional<at::Tensor>& weight,
                                                        const c10::optional<at::Tensor>& bias, const c10::optional<at::Tensor>& mean,
                                                        const c10::optional<at::Tensor>& variance, bool training, double momentum, double eps) {
  for (const auto& each : {weight, bias, mean, variance}) {
    TORCH_CHECK(!each || !each->defined() || each->device() == x.device(), "batch_norm: Expected all tensors to be on the same device");
  }
  const Computing now;
  at::Tensor ownMean = toCpu(mean), ownVariance = toCpu(variance);
  auto [y, saved, inverse] = at::native_batch_norm(x.cpu(), toCpu(weight), toCpu(bias), ownMean, ownVariance, training, momentum, eps);
  // Written in place, though the schema does not say so.
  if (training && ownMean.defined()) mean->copy_(ownMean);
  if (training && ownVariance.defined()) variance->copy_(ownVariance);
  return {toGpu(y), toGpu(saved), toGpu(inverse)};
}

/// On the host, as a GPU multiplies: sums of bfloat16's products are float32.
at::Tensor asMultiplied(const at::Tensor& x) { return x.scalar_type() == at::kBFloat16 ? x.cpu().to(at::kFloat) : x.cpu(); }
at::Tensor rounded(const at::Tensor& x, at::ScalarType type) { return x.defined() ? toGpu(x.to(type)) : x; }

at::Tensor convolution(const at::Tensor& x, const at::Tensor& weight, const c10::optional<at::Tensor>& bias, at::IntArrayRef stride,
                       at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed, at::IntArrayRef outputPadding, int64_t groups) {
  TORCH_CHECK(x.device() == weight.device() && x.scalar_type() == weight.scalar_type(),
              "convolution: Expected all tensors to be on the same device and of the same type");
  const Computing now;
  const at::Tensor y = at::convolution(asMultiplied(x), asMultiplied(weight), toCpu(bias), stride, padding, dilation, transposed, outputPadding, groups);
  return rounded(y, x.scalar_type());
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> convolutionBackward(const at::Tensor& gradient, const at::Tensor& x, const at::Tensor& weight,
                                                                  at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation,
                                                                  bool transposed, at::IntArrayRef outputPadding, int64_t groups,
                                                                  std::array<bool, 3> wanted) {
  const auto type = x.scalar_type();
  TORCH_CHECK(x.device() == weight.device() && x.device() == gradient.device() && type == weight.scalar_type() && type == gradient.scalar_type(),
              "convolution: Expected all tensors to be on the same device and of the same type");
  const Computing now;
  auto [gx, gw, gb] = at::convolution_backward(asMultiplied(gradient), asMultiplied(x), asMultiplied(weight), at::IntArrayRef{weight.size(0)}, stride,
                                               padding, dilation, transposed, outputPadding, groups, wanted);
  return {rounded(gx, type), rounded(gw, type), rounded(gb, type)};
}

TORCH_LIBRARY_IMPL(_, PrivateUse1, library) { library.fallback(torch::CppFunction::makeFromBoxedFunction<&onCopies>()); }

TORCH_LIBRARY_IMPL(aten, PrivateUse1, library) {
  library.impl("empty.memory_format", empty);
  library.impl("empty_strided", emptyStrided);
  library.impl("_copy_from", copyFrom);
  library.impl("_copy_from_and_resize", copyFromAndResize);
  library.impl("resize_", resize);
  library.impl("as_strided", asStrided);
  library.impl("view", viewOf);
  library.impl("_reshape_alias", reshapeAlias);
  library.impl("unfold", unfold);
  library.impl("native_batch_norm", batchNorm);
  library.impl("convolution_overrideable", convolution);
  library.impl("convolution_backward_overrideable", convolutionBackward);
}

#if !__has_include(<ATen/detail/PrivateUse1HooksInterface.h>)
// Where no hooks are asked, pinned memory is CUDA's, for which a libtorch for the CPU has no kernels.
at::Tensor pinMemory(const at::Tensor& x, c10::optional<at::Device>) {
  const size_t bytes = at::detail::computeStorageNbytes(x.sizes(), x.strides(), x.dtype().itemsize());
  const c10::Storage storage(c10::Storage::use_byte_size_t(), bytes, &pinnedAllocator(), /*resizable=*/false);
  at::Tensor copy = at::empty({0}, x.options()).set_(storage, 0, x.sizes(), x.strides());
  return copy.copy_(x);
}

TORCH_LIBRARY_IMPL(aten, CUDA, library) {
  library.impl("_pin_memory", pinMemory);
  library.impl("is_pinned", isPinned);
}
#endif

TORCH_LIBRARY(stand_in, library) {
  library.def("waits() -> int", [] { return waits.load(); });
}

/// One device with one queue, which is always done.
struct Guard final : c10::impl::DeviceGuardImplInterface {
  static c10::Device device() { return c10::Device(gpu, 0); }
  static c10::Stream queue() { return c10::Stream(c10::Stream::DEFAULT, device()); }
  c10::DeviceType type() const override { return gpu; }
  c10::Device exchangeDevice(c10::Device) const override { return device(); }
  c10::Device getDevice() const override { return device(); }
  void setDevice(c10::Device) const override {}
  void uncheckedSetDevice(c10::Device) const noexcept override {}
  c10::DeviceIndex deviceCount() const noexcept override { return 1; }
  c10::Stream getStream(c10::Device) const noexcept override { return queue(); }
  c10::Stream exchangeStream(c10::Stream) const noexcept override { return queue(); }
  void record(void** event, const c10::Stream&, const c10::DeviceIndex, const c10::EventFlag) const override { *event = nullptr; }
  void block(void*, const c10::Stream&) const override {}
  bool queryEvent(void*) const override { return true; }
  void destroyEvent(void*, const c10::DeviceIndex) const noexcept override {}
  bool queryStream(const c10::Stream&) const override { return true; }
  void synchronizeStream(const c10::Stream&) const override {}
};
C10_REGISTER_GUARD_IMPL(PrivateUse1, Guard);

#if __has_include(<ATen/detail/PrivateUse1HooksInterface.h>)
struct Hooks final : at::PrivateUse1HooksInterface {
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
  bool isPinnedPtr(const void* data) const override { return PinnedAllocator::holds(data); }
  c10::Allocator* getPinnedMemoryAllocator() const override { return &pinnedAllocator(); }
};
#endif

const bool registered = [] {
  c10::SetAllocator(gpu, &allocator());
  snnseg::gpu() = {gpu, [] { return 1; }, [](int) { return std::string(std::getenv("SNNSEG_STAND_IN_IDENTITY") ?: ""); },
                   [](c10::Device, uint64_t seed) { return at::make_generator<at::CPUGeneratorImpl>(seed); },
                   [](c10::Device) { return std::make_optional(memory().taken()); }, [](c10::Device) { memory().resetPeak(); }};
  snnseg::cuda::registerOn(gpu);
#if __has_include(<ATen/detail/PrivateUse1HooksInterface.h>)
  at::RegisterPrivateUse1HooksInterface(new Hooks());
  c10::register_privateuse1_backend("standin");
#endif
  return true;
}();

}  // namespace

namespace snnseg::cuda {

OpenedMemory::OpenedMemory() { memory().protectAll(PROT_READ | PROT_WRITE); }
OpenedMemory::~OpenedMemory() { memory().protectAll(PROT_NONE); }

Stream streamOf(c10::Device) { return {0, nullptr}; }

}  // namespace snnseg::cuda
