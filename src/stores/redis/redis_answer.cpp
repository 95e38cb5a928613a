#include "stores/redis/redis_answer.hpp"

#include <charconv>

namespace troupe::internal {
namespace {

struct known_error {
  std::string_view begin;
  redis_fault fault;
};

constexpr known_error known_errors[] = {
    {"NOSCRIPT", redis_fault::script_missing},
    {"MOVED", redis_fault::moved},
    {"ASK", redis_fault::ask},
    {"LOADING", redis_fault::loading},
    {"MASTERDOWN", redis_fault::loading},
    {"READONLY", redis_fault::read_only},
    {"CLUSTERDOWN", redis_fault::cluster_down},
    {"TRYAGAIN", redis_fault::cluster_down},
    {"CROSSSLOT", redis_fault::cluster_down},
    {"BUSY", redis_fault::busy},
    {"OOM", redis_fault::out_of_memory},
    {"MISCONF", redis_fault::disk},
    {"NOREPLICAS", redis_fault::too_few_replicas},
    {"WRONGPASS", redis_fault::wrong_password},
    {"ERR invalid password", redis_fault::wrong_password},
    {"ERR AUTH", redis_fault::wrong_password},
    {"ERR Client sent AUTH", redis_fault::wrong_password},
    {"NOAUTH", redis_fault::not_permitted},
    {"NOPERM", redis_fault::not_permitted},
    {"ERR The user executing the script", redis_fault::not_permitted},
    {"ERR max number of clients", redis_fault::too_many_clients},
    {"WRONGTYPE", redis_fault::damaged},
    {"DAMAGED", redis_fault::damaged},
};

std::string printable(std::string_view text) {
  std::string out(text.substr(0, 500));
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return out;
}

std::string_view meaning_of(redis_fault fault) noexcept {
  switch (fault) {
    case redis_fault::loading:
      return "the server is reading its data";
    case redis_fault::read_only:
      return "the server is a replica, which takes no writes";
    case redis_fault::out_of_memory:
      return "the server has no memory left for more (maxmemory)";
    case redis_fault::disk:
      return "the server cannot save to its disk, and takes no writes";
    case redis_fault::too_few_replicas:
      return "too few replicas are connected to the server";
    case redis_fault::not_permitted:
      return "the user may not do this";
    case redis_fault::damaged:
      return "what is stored is damaged";
    default:
      return "the server refused it";
  }
}

}  // namespace

redis_error read_error(std::string_view text) {
  // A script hands on what it met with a "-" in front (Redis 6), or as it is.
  if (text.starts_with('-')) text.remove_prefix(1);
  redis_error error;
  error.text = printable(text);
  for (const known_error& known : known_errors) {
    if (!text.starts_with(known.begin)) continue;
    error.fault = known.fault;
    break;
  }
  if (text.find("Script killed by user") != std::string_view::npos) error.fault = redis_fault::killed;
  if (error.fault != redis_fault::moved && error.fault != redis_fault::ask) return error;
  text.remove_prefix(std::min(text.find(' ') + 1, text.size()));
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), error.slot);
  const auto digits = static_cast<std::size_t>(end - text.data());
  if (problem != std::errc{} || digits >= text.size() || text[digits] != ' ' || error.slot > 16383) {
    error.fault = redis_fault::cluster_down;
    return error;
  }
  error.address = text.substr(digits + 1);
  return error;
}

bool is_certainly_undone(redis_fault fault) noexcept { return fault != redis_fault::other; }

bool is_reason_to_reconnect(redis_fault fault) noexcept { return fault == redis_fault::read_only; }

spi::commit_result commit_failure(const redis_error& error, const std::string& place, const actor_id& actor) {
  if (error.fault == redis_fault::damaged) {
    return {spi::commit_status::rejected, "the record of " + to_string(actor) + " cannot be stored: what " + place +
                                              " holds is damaged: " + error.text};
  }
  if (is_certainly_undone(error.fault)) {
    return {spi::commit_status::unavailable,
            "nothing was written to " + place + ": " + std::string(meaning_of(error.fault)) + ": " + error.text};
  }
  return {spi::commit_status::unknown, "the commit may or may not have been written to " + place + ": " + error.text};
}

std::optional<redis_address> read_address(std::string_view text) {
  // The server may add more behind a comma (a host name).
  text = text.substr(0, text.find(','));
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  redis_address address{std::string(text.substr(0, colon)), 0};
  const auto [end, problem] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), address.port);
  if (problem != std::errc{} || end != text.data() + text.size() || address.port == 0) return std::nullopt;
  return address;
}

}  // namespace troupe::internal
