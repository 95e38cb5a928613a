#include "commands/claim_store.hpp"

#include <boost/asio/awaitable.hpp>

#include "actors/claim.hpp"

namespace marketplace {
namespace {

boost::asio::awaitable<void> take(caller_pool& callers, troupe::actor_ref<claim> target, std::string purpose) {
  co_await callers.call([&] { return target.call<&claim::take>(purpose); });
}

}  // namespace

void claim_store(caller_pool& callers, troupe::runtime& runtime, std::string_view key, const std::string& purpose) {
  callers.start(take(callers, runtime.ref<claim>(key), purpose));
  callers.finish();
}

}  // namespace marketplace
