// Work that may never end, waited for a while.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <thread>

namespace snnseg {

/// Runs what may never answer on a thread that is left behind then; nothing where no answer comes in time.
template <typename Result>
std::optional<Result> within(std::chrono::milliseconds limit, std::function<Result()> body) {
  auto promise = std::make_shared<std::promise<Result>>();
  std::future<Result> result = promise->get_future();
  std::thread([promise, body] {
    try {
      promise->set_value(body());
    } catch (...) {
      promise->set_exception(std::current_exception());
    }
  }).detach();
  if (result.wait_for(limit) != std::future_status::ready) return std::nullopt;
  return result.get();
}

}  // namespace snnseg
