// The key-value store through which the ranks of a training find each other: c10d's TCPStore, hosted by rank 0.
//
// It also knows who lives: every rank writes a beat each half second from a thread of its own, and how many exchanges it has
// come to. When an exchange fails, that says who is missing.
#pragma once

#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace snnseg {

/// A rank's place among all, and where rank 0 is found.
struct RankPlace {
  int rank, world;
  std::string address;
  uint16_t port;
  /// For the others to come, and for an exchange.
  std::chrono::milliseconds joining, exchanging;
};

/// A set-up that cannot work; the message says what was expected.
struct RankError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A rank is missing; the message names it.
struct RankFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class RankStore {
 public:
  /// Rank 0 begins to listen; the others look for it. @throws RankError naming address and port
  explicit RankStore(const RankPlace& place);
  ~RankStore();

  // These three throw RankFailure where rank 0 is gone.
  void put(const std::string& key, const std::string& value);
  /// Waits for a value; nothing where none comes.
  std::optional<std::string> get(const std::string& key, std::chrono::milliseconds wait);
  /// How often it was called with the key, by all ranks.
  int64_t count(const std::string& key);

  /// Tells the others why this training ends; the first to say so is heard.
  void fault(const std::string& message);
  /// Why an exchange failed, in one line that names the rank. Takes a few seconds, and becomes the fault of all.
  std::string diagnose();
  /// Runs an exchange; what it throws becomes a RankFailure that names the rank.
  template <typename Body>
  auto naming(Body&& body) {
    try {
      return body();
    } catch (const std::exception& error) {
      const std::string reason = diagnose(), text = error.what();
      throw RankFailure(reason.empty() ? "expected an exchange with the other ranks, received " + text.substr(0, text.find('\n')) : reason);
    }
  }
  /// Whether a rank no longer lives, or has said why it ends. Takes two seconds.
  bool oneIsGone();
  /// One more exchange was come to.
  void came() { exchanges_++; }
  /// How long an exchange waits, so that all is said within `exchanging`.
  std::chrono::milliseconds exchangeLimit() const;

  const RankPlace& place() const { return place_; }
  const c10::intrusive_ptr<c10d::Store>& store() const { return store_; }
  /// This machine's address as rank 0 sees it.
  const std::string& ownAddress() const { return ownAddress_; }

 private:
  struct Beat {
    int64_t count = -1, exchanges = -1;
  };
  Beat beatOf(int rank);
  /// Why each ends the training, in words; empty where none does.
  struct Missing {
    std::string gone, late;
  };
  Missing watchBeats();
  void beat();
  void linger();

  RankPlace place_;
  std::string ownAddress_;
  c10::intrusive_ptr<c10d::Store> store_, beats_;
  std::atomic<int64_t> exchanges_{0};
  std::atomic<bool> ended_{false};
  std::thread beating_;
};

}  // namespace snnseg
