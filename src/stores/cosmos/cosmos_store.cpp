#include <algorithm>
#include <utility>

#include "base/system_clock.hpp"
#include "stores/cosmos/container_backend.hpp"
#include "stores/document/document_reader.hpp"
#include "stores/document/document_store.hpp"
#include "stores/http/digest.hpp"
#include "troupe/base/error.hpp"
#include "troupe/stores/cosmos.hpp"

namespace troupe::stores {
namespace {

using internal::container_caller;
using internal::cosmos_kind;
using internal::cosmos_request;

[[noreturn]] void refuse(const std::string& what) { throw error(errc::invalid_argument, "Cosmos DB store: " + what); }

void check_name(const std::string& name, const std::string& what) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
           c == '-';
  });
  if (name.empty() || name.size() > 255 || !plain) {
    refuse("the name of the " + what + " is not 1 to 255 bytes of [A-Za-z0-9_.-]");
  }
}

/// Returns the key's bytes.
std::string check(const cosmos_options& options) {
  if (options.host.empty()) refuse("the host is missing");
  check_name(options.database, "database");
  check_name(options.container, "container");
  if (options.record_bytes_max > internal::document_bytes_max) refuse("record_bytes_max is above 2 MiB");
  if (options.connections_max < 1 || options.connections_max > 1024) refuse("connections_max is not 1 to 1,024");
  if (options.attempt_timeout.count() < 1) refuse("attempt_timeout is below 1 ms");
  if (options.answer_timeout < options.attempt_timeout) refuse("answer_timeout is below attempt_timeout");
  if (options.erasures_kept < std::chrono::hours(1) || options.erasures_kept > std::chrono::hours(24 * 365 * 20)) {
    refuse("erasures_kept is not 1 h to 20 years");
  }
  auto key = internal::from_base64(options.account_key);
  if (!key || key->empty())
    refuse("the account's key is not base64; it is what Azure shows, \"==\" at the end and all");
  return *std::move(key);
}

internal::http_endpoint endpoint_of(const cosmos_options& options) {
  internal::http_endpoint endpoint;
  endpoint.host = options.host;
  endpoint.port = std::to_string(options.port != 0 ? options.port : options.tls ? 443 : 8081);
  endpoint.tls = options.tls;
  endpoint.ca_file = options.ca_file;
  return endpoint;
}

/// Asks for what must be there before a store can be used.
class container_opening {
 public:
  container_opening(container_caller& caller, bool create) : caller_(caller), create_(create) {}

  /// Throws `error`.
  void open() {
    auto found = ask(internal::get_container(caller_.name()),
                     {cosmos_kind::done, cosmos_kind::missing, cosmos_kind::no_container});
    if (!found && !create_) {
      throw error(errc::bad_state, caller_.place() +
                                       ": there is no such container; create it as docs/formats/cosmos.md "
                                       "says, or open the store with create");
    }
    if (!found) {
      static_cast<void>(ask(internal::create_database(caller_.name()), {cosmos_kind::done, cosmos_kind::exists}));
      static_cast<void>(ask(internal::create_container(caller_.name()), {cosmos_kind::done, cosmos_kind::exists}));
      found = ask(internal::get_container(caller_.name()), {cosmos_kind::done});
    }
    refuse_flaw(internal::flaw_of_container, *found);
    auto store = ask(internal::get_store_document(caller_.name()), {cosmos_kind::done, cosmos_kind::missing});
    if (!store) {
      static_cast<void>(ask(internal::create_store_document(caller_.name()), {cosmos_kind::done, cosmos_kind::exists}));
      store = ask(internal::get_store_document(caller_.name()), {cosmos_kind::done});
    }
    refuse_flaw(internal::flaw_of_store, *store);
  }

 private:
  /// Returns a good answer, or nothing for another expected one. Throws `error` for the rest.
  std::optional<internal::http_response> ask(const cosmos_request& request,
                                             std::initializer_list<cosmos_kind> expected) {
    internal::call_result result = caller_.blocking(request);
    if (!result.response) throw error(errc::unavailable, caller_.place() + ": " + result.message);
    const auto answer = internal::read_cosmos_answer(*result.response);
    if (std::find(expected.begin(), expected.end(), answer.kind) == expected.end()) {
      const bool refused = answer.kind == cosmos_kind::refused || answer.kind == cosmos_kind::invalid;
      throw error(refused ? errc::invalid_argument : errc::unavailable, caller_.place() + ": " + request.http.method +
                                                                            " " + request.http.target +
                                                                            " is answered with " + answer.message);
    }
    if (answer.kind != cosmos_kind::done) return std::nullopt;
    return std::move(result.response);
  }

  void refuse_flaw(std::string (*read)(const internal::http_response&), const internal::http_response& response) {
    std::string flaw;
    try {
      flaw = read(response);
    } catch (const internal::damaged_document& fault) {
      flaw = fault.what();
    }
    if (!flaw.empty()) throw error(errc::bad_state, caller_.place() + " is no troupe container: " + flaw);
  }

  container_caller& caller_;
  const bool create_;
};

}  // namespace

std::shared_ptr<spi::state_store> cosmos_store(cosmos_options options) {
  std::string key = check(options);
  if (!options.clock) options.clock = internal::make_system_clock();
  if (!options.entropy) options.entropy = internal::make_system_entropy();
  internal::client_limits limits;
  limits.connections_max = options.connections_max;
  auto client = std::make_unique<internal::http_client>(endpoint_of(options), limits, options.clock);
  container_caller caller({options.database, options.container}, std::move(key),
                          internal::http_caller(*client, options.clock, options.entropy,
                                                {options.attempt_timeout, options.answer_timeout, {}}));
  container_opening(caller, options.create).open();
  std::string place = caller.place();
  spi::store_limits store_limits;
  store_limits.record_bytes_max = options.record_bytes_max;
  store_limits.large_cell_bytes = 0;  // whole documents are written: what is kept need not be handed over
  auto backend = std::make_unique<internal::container_backend>(std::move(caller), options.erasures_kept);
  return std::make_shared<internal::document_store>(std::move(backend), std::move(client), store_limits,
                                                    options.cache_bytes, std::move(place));
}

}  // namespace troupe::stores
