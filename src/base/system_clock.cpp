#include "base/system_clock.hpp"

#include <ctime>
#include <mutex>
#include <random>

namespace troupe::internal {
namespace {

class system_clock final : public spi::clock {
 public:
  [[nodiscard]] steady_time steady_now() const noexcept override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] steady_time coarse_now() const noexcept override {
#ifdef CLOCK_MONOTONIC_COARSE
    timespec at{};
    if (clock_gettime(CLOCK_MONOTONIC_COARSE, &at) == 0) {  // the same clock as steady_clock's, as of the last tick
      return steady_time(std::chrono::seconds(at.tv_sec) + std::chrono::nanoseconds(at.tv_nsec));
    }
#endif
    return steady_now();
  }
  [[nodiscard]] wall_time wall_now() const noexcept override {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
};

class system_entropy final : public spi::entropy {
 public:
  system_entropy() {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
    generator_.seed(seed);
  }
  [[nodiscard]] std::uint64_t next() noexcept override {
    const std::scoped_lock lock(mutex_);
    return generator_();
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 generator_;  // guarded by mutex_
};

}  // namespace

std::shared_ptr<spi::clock> make_system_clock() { return std::make_shared<system_clock>(); }

std::shared_ptr<spi::entropy> make_system_entropy() { return std::make_shared<system_entropy>(); }

}  // namespace troupe::internal
