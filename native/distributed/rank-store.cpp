#include "rank-store.h"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>

#include "within.h"

namespace snnseg {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds beatEvery{500};
/// Without a beat for so long a rank counts as gone.
constexpr milliseconds goneAfter{2000};
/// A store that does not answer in this time does not answer.
constexpr milliseconds answering{5000};
/// How long rank 0 stays for a rank that no longer beats.
constexpr milliseconds lingering{1200};
/// What finding the missing rank takes at most.
constexpr milliseconds diagnosing = goneAfter + answering + milliseconds(1000);

std::vector<uint8_t> bytesOf(const std::string& text) { return {text.begin(), text.end()}; }

std::string hostAndPort(const RankPlace& place) { return place.address + ":" + std::to_string(place.port); }

/// A connection to rank 0's port, or why there is none; `address` becomes this end's.
std::string tryConnect(const RankPlace& place, milliseconds wait, std::string& address) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  const int failed = getaddrinfo(place.address.c_str(), std::to_string(place.port).c_str(), &hints, &found);
  if (failed != 0) return gai_strerror(failed);
  std::string problem = "no address";
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    const int connection = socket(each->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (connection < 0) continue;
    int error = connect(connection, each->ai_addr, each->ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
      pollfd ready{connection, POLLOUT, 0};
      socklen_t size = sizeof error;
      error = ETIMEDOUT;
      if (poll(&ready, 1, static_cast<int>(wait.count())) == 1) getsockopt(connection, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (error == 0) {
      sockaddr_storage own{};
      socklen_t size = sizeof own;
      char name[NI_MAXHOST];
      getsockname(connection, reinterpret_cast<sockaddr*>(&own), &size);
      getnameinfo(reinterpret_cast<sockaddr*>(&own), size, name, sizeof name, nullptr, 0, NI_NUMERICHOST);
      address = name;
      problem.clear();
    } else {
      problem = std::strerror(error);
    }
    close(connection);
    if (problem.empty()) break;
  }
  freeaddrinfo(found);
  return problem;
}

/// Whether nobody listens at a port of this machine, at any of its addresses.
bool canListen(uint16_t port) {
  const int listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return true;
  const int on = 1, off = 0;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  sockaddr_in6 any{};
  any.sin6_family = AF_INET6;
  any.sin6_port = htons(port);
  const bool can = (bind(listener, reinterpret_cast<sockaddr*>(&any), sizeof any) == 0 && listen(listener, 1) == 0) || errno != EADDRINUSE;
  close(listener);
  return can;
}

/// Runs an operation of the store, which rank 0 hosts.
template <typename Body>
auto asked(Body&& body) {
  try {
    return body();
  } catch (const std::exception&) {
    throw RankFailure("rank 0 no longer answers: it was killed, stopped, or cut off from the network");
  }
}

c10::intrusive_ptr<c10d::Store> openStore(const RankPlace& place, bool listens) {
  c10d::TCPStoreOptions options;
  options.port = place.port;
  options.isServer = listens;
  options.waitWorkers = false;
  options.timeout = answering;
  return c10::make_intrusive<c10d::TCPStore>(place.rank == 0 ? "localhost" : place.address, options);
}

c10::intrusive_ptr<c10d::Store> connectStore(const RankPlace& place) {
  std::string problem;
  try {
    const auto store = within<c10::intrusive_ptr<c10d::Store>>(answering, [place] {
      auto opened = openStore(place, false);
      opened->add("snnseg/arrivals", 1);
      // From now on an answer is waited for no longer than that.
      opened->wait({"snnseg/arrivals"}, answering);
      return opened;
    });
    if (store) return *store;
    problem = "nothing that a store would say";
  } catch (const std::exception& error) {
    problem = std::string(error.what()).substr(0, std::string(error.what()).find('\n'));
  }
  throw RankError("expected rank 0 of this training at " + hostAndPort(place) + ", received " + problem +
                  "; another program may have the port, or rank 0 another libtorch: choose another MASTER_PORT, and one libtorch for all");
}

}  // namespace

RankStore::RankStore(const RankPlace& place) : place_(place) {
  if (place.rank == 0) {
    // libtorch would write lines of its own about a port that is taken.
    if (!canListen(place.port)) {
      throw RankError("expected to listen at port " + std::to_string(place.port) +
                      ", which is taken; another training or program has it: choose another MASTER_PORT");
    }
    store_ = openStore(place, true);
    const std::string problem = tryConnect(place, answering, ownAddress_);
    if (!problem.empty()) {
      throw RankError("expected MASTER_ADDR to be this machine's, as rank 0 runs here, received " + place.address + " (" + problem +
                      "); correct it");
    }
  } else {
    const auto until = steady_clock::now() + place.joining;
    std::string problem;
    while (!(problem = tryConnect(place, milliseconds(2000), ownAddress_)).empty()) {
      if (steady_clock::now() >= until) {
        throw RankError("expected rank 0 at " + hostAndPort(place) + " within " + std::to_string(place.joining.count() / 1000) + " s, received " +
                        problem + "; check MASTER_ADDR and MASTER_PORT, and that rank 0 has started");
      }
      std::this_thread::sleep_for(milliseconds(200));
    }
    store_ = connectStore(place);
  }
  beats_ = connectStore(place);
  beating_ = std::thread([this] { beat(); });
}

RankStore::~RankStore() {
  ended_ = true;
  beating_.join();
  if (place_.rank == 0) linger();
}

void RankStore::put(const std::string& key, const std::string& value) {
  asked([&] { store_->set(key, bytesOf(value)); });
}

std::optional<std::string> RankStore::get(const std::string& key, milliseconds wait) {
  const auto until = steady_clock::now() + wait;
  // Asked again and again, as a wait of the store that runs out would leave its answer in the connection.
  while (!asked([&] { return store_->check({key}); })) {
    if (steady_clock::now() >= until) return std::nullopt;
    std::this_thread::sleep_for(milliseconds(10));
  }
  const std::vector<uint8_t> value = asked([&] { return store_->get(key); });
  return std::string(value.begin(), value.end());
}

int64_t RankStore::count(const std::string& key) {
  return asked([&] { return store_->add(key, 1); });
}

milliseconds RankStore::exchangeLimit() const { return std::max(place_.exchanging - diagnosing, milliseconds(1000)); }

void RankStore::beat() {
  const std::string key = "snnseg/beat/" + std::to_string(place_.rank);
  try {
    for (int64_t count = 0; !ended_; count++) {
      beats_->set(key, bytesOf(std::to_string(count) + " " + std::to_string(exchanges_.load())));
      for (milliseconds slept{0}; slept < beatEvery && !ended_; slept += milliseconds(20)) std::this_thread::sleep_for(milliseconds(20));
    }
    beats_->set(key, bytesOf("-1 0"));
  } catch (const std::exception&) {
    // Rank 0 is gone; the next exchange finds out.
  }
}

RankStore::Beat RankStore::beatOf(int rank) {
  Beat beat;
  const auto text = get("snnseg/beat/" + std::to_string(rank), milliseconds(0));
  if (text) std::istringstream(*text) >> beat.count >> beat.exchanges;
  return beat;
}

bool RankStore::oneIsGone() {
  try {
    return !watchBeats().gone.empty();
  } catch (const RankFailure&) {
    return true;
  }
}

RankStore::Missing RankStore::watchBeats() {
  std::vector<Beat> before;
  for (int rank = 0; rank < place_.world; rank++) before.push_back(beatOf(rank));
  const std::string told = "snnseg/fault";
  if (const auto reason = get(told, goneAfter)) return {*reason, ""};
  std::string gone, late;
  int64_t least = exchanges_;
  for (int rank = 0; rank < place_.world; rank++) {
    const Beat now = beatOf(rank);
    if (now.count == before[rank].count) gone += (gone.empty() ? "rank " : ", rank ") + std::to_string(rank);
    if (now.exchanges < least) {
      least = now.exchanges;
      late = "rank " + std::to_string(rank);
    }
  }
  if (!gone.empty()) gone += " no longer answers: it was killed, stopped, or cut off from the network";
  if (!late.empty()) {
    late += " still runs, but did not come to the exchange that the others waited for, within " + std::to_string(exchangeLimit().count() / 1000) + " s";
  }
  return {gone, late};
}

std::string RankStore::diagnose() {
  std::string reason;
  try {
    // The store's answers are waited for no longer than `answering`.
    const auto [gone, late] = watchBeats();
    reason = gone.empty() ? late : gone;
  } catch (const RankFailure& failure) {
    return failure.what();
  }
  if (!reason.empty()) fault(reason);
  return reason;
}

void RankStore::fault(const std::string& message) {
  try {
    if (count("snnseg/faults") == 1) put("snnseg/fault", message);
  } catch (const std::exception&) {
    // Nobody is there to hear it.
  }
}

/// Rank 0 hosts the store: it stays until the others have ended, or no longer beat.
void RankStore::linger() {
  try {
    for (int rank = 1; rank < place_.world; rank++) {
      Beat last = beatOf(rank);
      auto since = steady_clock::now();
      while (last.count >= 0 && steady_clock::now() - since < lingering) {
        std::this_thread::sleep_for(milliseconds(50));
        const Beat now = beatOf(rank);
        if (now.count != last.count) since = steady_clock::now();
        last = now;
      }
    }
  } catch (const std::exception&) {
  }
}

}  // namespace snnseg
