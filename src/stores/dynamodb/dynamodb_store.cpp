#include <algorithm>
#include <utility>

#include "base/system_clock.hpp"
#include "stores/document/document_reader.hpp"
#include "stores/document/document_store.hpp"
#include "stores/dynamodb/table_backend.hpp"
#include "stores/dynamodb/table_requests.hpp"
#include "stores/http/blocking_call.hpp"
#include "troupe/base/error.hpp"
#include "troupe/stores/dynamodb.hpp"

namespace troupe::stores {
namespace {

using internal::answer_kind;
using internal::call_result;
using internal::table_answer;
using internal::table_caller;

constexpr std::size_t record_bytes_max = std::size_t{384} << 10U;
constexpr std::chrono::milliseconds create_poll{50};
constexpr std::size_t create_polls_max = 2400;

void check(const dynamodb_options& options) {
  const auto refuse = [](const std::string& what) { throw error(errc::invalid_argument, "DynamoDB store: " + what); };
  const bool plain = std::all_of(options.table.begin(), options.table.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
           c == '-';
  });
  if (options.table.size() < 3 || options.table.size() > 255 || !plain) {
    refuse("the table's name is not 3 to 255 bytes of [A-Za-z0-9_.-]");
  }
  if (options.region.empty()) refuse("the region is missing");
  if (!options.credentials_source &&
      (options.credentials.access_key.empty() || options.credentials.secret_key.empty())) {
    refuse("the access key or the secret key is missing");
  }
  if (options.record_bytes_max > record_bytes_max) refuse("record_bytes_max is above 384 KiB");
  if (options.connections_max < 1 || options.connections_max > 1024) refuse("connections_max is not 1 to 1,024");
  if (options.attempt_timeout.count() < 1) refuse("attempt_timeout is below 1 ms");
  if (options.answer_timeout < options.attempt_timeout) refuse("answer_timeout is below attempt_timeout");
  if (options.erasures_kept < std::chrono::hours(1)) refuse("erasures_kept is below an hour");
}

internal::http_endpoint endpoint_of(const dynamodb_options& options) {
  internal::http_endpoint endpoint;
  endpoint.host = options.host.empty() ? "dynamodb." + options.region + ".amazonaws.com" : options.host;
  endpoint.port = std::to_string(options.port != 0 ? options.port : options.tls ? 443 : 8000);
  endpoint.tls = options.tls;
  endpoint.ca_file = options.ca_file;
  return endpoint;
}

/// Asks for what must be there before a store can be used.
class table_opening {
 public:
  table_opening(table_caller& caller, bool create) : caller_(caller), create_(create) {}

  /// Returns the types that the table knows. Throws `error`.
  std::set<std::string> open() {
    internal::table_shape shape;
    if (const auto description = describe()) {
      shape = *description;
    } else if (create_) {
      shape = create();
    } else {
      throw error(errc::bad_state, caller_.place() +
                                       ": there is no such table; create it as docs/formats/dynamodb.md "
                                       "says, or open the store with create");
    }
    if (!shape.flaw.empty()) throw error(errc::bad_state, caller_.place() + " is no troupe table: " + shape.flaw);
    if (!shape.ready) throw error(errc::unavailable, caller_.place() + " is not ready: it is being built or removed");
    return read_facts();
  }

 private:
  auto read_body(auto read) {
    try {
      return read();
    } catch (const internal::damaged_document& fault) {
      throw error(errc::bad_state, caller_.place() + ": " + fault.what());
    }
  }

  /// Returns the answer to an operation. Throws `error` unless it is one of those expected.
  std::pair<table_answer, std::string> ask(const std::string& operation, const std::string& body,
                                           std::initializer_list<answer_kind> expected) {
    const call_result result = caller_.blocking(operation, body);
    if (!result.response) throw error(errc::unavailable, caller_.place() + ": " + result.message);
    table_answer answer = internal::read_answer(*result.response);
    if (std::find(expected.begin(), expected.end(), answer.kind) == expected.end()) {
      const bool refused = answer.kind == answer_kind::refused || answer.kind == answer_kind::invalid;
      throw error(refused ? errc::invalid_argument : errc::unavailable,
                  caller_.place() + ": " + operation + " is answered with " + answer.message);
    }
    return {std::move(answer), result.response->body};
  }

  std::optional<internal::table_shape> describe() {
    const auto answered =
        ask("DescribeTable", internal::describe_table(caller_.table()), {answer_kind::done, answer_kind::missing});
    if (answered.first.kind == answer_kind::missing) return std::nullopt;
    return read_body([&] { return internal::read_description(answered.second); });
  }

  internal::table_shape create() {
    static_cast<void>(
        ask("CreateTable", internal::create_table(caller_.table()), {answer_kind::done, answer_kind::in_use}));
    for (std::size_t i = 0; i < create_polls_max; ++i) {
      const auto shape = describe();
      if (shape && (shape->ready || !shape->flaw.empty())) {
        static_cast<void>(ask("UpdateTimeToLive", internal::enable_expiry(caller_.table()),
                              {answer_kind::done, answer_kind::unknown_operation, answer_kind::invalid}));
        return *shape;
      }
      internal::blocking_pause(caller_.http(), create_poll);
    }
    throw error(errc::unavailable, caller_.place() + " was created and is not ready after two minutes");
  }

  std::set<std::string> read_facts() {
    const auto answered = ask("UpdateItem", internal::update_store_item(caller_.table(), {}), {answer_kind::done});
    const auto facts = read_body([&] { return internal::read_store_item(answered.second); });
    if (facts.format == internal::table_format) return facts.types;
    throw error(errc::bad_state, caller_.place() + " has format " + std::to_string(facts.format) +
                                     "; this program knows format " + std::to_string(internal::table_format));
  }

  table_caller& caller_;
  const bool create_;
};

}  // namespace

std::shared_ptr<spi::state_store> dynamodb_store(dynamodb_options options) {
  check(options);
  if (!options.clock) options.clock = internal::make_system_clock();
  if (!options.entropy) options.entropy = internal::make_system_entropy();
  internal::client_limits limits;
  limits.connections_max = options.connections_max;
  auto client = std::make_unique<internal::http_client>(endpoint_of(options), limits, options.clock);
  table_caller caller(options, internal::http_caller(*client, options.clock, options.entropy,
                                                     {options.attempt_timeout, options.answer_timeout, {}}));
  std::set<std::string> types = table_opening(caller, options.create).open();
  std::string place = caller.place();
  spi::store_limits store_limits;
  store_limits.record_bytes_max = options.record_bytes_max;
  store_limits.large_cell_bytes = 0;  // whole documents are written: what is kept need not be handed over
  auto backend = std::make_unique<internal::table_backend>(std::move(caller), options.erasures_kept, std::move(types));
  return std::make_shared<internal::document_store>(std::move(backend), std::move(client), store_limits,
                                                    options.cache_bytes, std::move(place));
}

}  // namespace troupe::stores
