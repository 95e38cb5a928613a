#include "stores/redis/redis_greeting.hpp"

#include <utility>

#include "stores/redis/redis_answer.hpp"

namespace troupe::internal {

redis_greeting::redis_greeting(const stores::redis_options& options) : options_(options) {
  if (!options.user.empty()) {
    add(step::authenticate, {"AUTH", options.user, options.password});
  } else if (!options.password.empty()) {
    add(step::authenticate, {"AUTH", options.password});
  }
  if (options.database != 0) add(step::select, {"SELECT", std::to_string(options.database)});
  if (!options.client_name.empty()) add(step::name, {"CLIENT", "SETNAME", options.client_name});
  add(step::ask_topology, {"INFO", "cluster"});
  for (const redis_script script : redis_scripts) add(step::load_script, {"SCRIPT", "LOAD", text_of(script)});
  add(step::try_commands, {"EVAL", text_of_rights_script(), "0", options.prefix + ":probe"});
}

void redis_greeting::add(step what, redis_command command) {
  steps_.push_back(what);
  commands_.push_back(std::move(command));
}

std::optional<redis_greeting::refusal> redis_greeting::take(const redis_reply& reply) {
  const step what = steps_[taken_++];
  // A user that may not ask for it has to say that it is a cluster; a name is a courtesy.
  if (reply.is_error() && read_error(reply.text).fault == redis_fault::not_permitted &&
      (what == step::ask_topology || what == step::name)) {
    is_cluster_ = is_cluster_ || options_.topology == stores::redis_topology::cluster;
    return std::nullopt;
  }
  if (reply.is_error()) return refuse(what, reply.text);
  if (what == step::ask_topology) {
    is_cluster_ = reply.text.find("cluster_enabled:1") != std::string_view::npos;
    if (!is_cluster_ && options_.topology == stores::redis_topology::cluster) {
      return refusal{errc::invalid_argument,
                     "the server is not part of a cluster; take the option topology=cluster away"};
    }
  }
  if (what == step::load_script) {
    if (reply.what != redis_reply::kind::text)
      return refusal{errc::bad_state, "it does not load scripts as Redis does"};
    digests_[scripts_taken_++] = reply.text;
  }
  // Each command of a script is asked for by itself: one refused in its course would leave half a turn behind.
  if (what == step::try_commands && (reply.what != redis_reply::kind::text || !reply.text.empty())) {
    return refusal{errc::invalid_argument, "commands that a store needs cannot be run by the user, or are not there: " +
                                               read_error(reply.text).text};
  }
  return std::nullopt;
}

std::optional<redis_greeting::refusal> redis_greeting::refuse(step what, std::string_view text) const {
  const redis_error error = read_error(text);
  switch (error.fault) {
    case redis_fault::wrong_password:
      return refusal{errc::invalid_argument, "it refuses the user or the password: " + error.text};
    case redis_fault::not_permitted:
      return refusal{errc::invalid_argument, options_.password.empty()
                                                 ? "it asks for a password: " + error.text
                                                 : "the user may not do what a store needs: " + error.text};
    case redis_fault::other:
      break;
    default:
      return refusal{errc::unavailable, error.text};
  }
  switch (what) {
    case step::authenticate:
      return refusal{errc::invalid_argument, "it refuses the user or the password: " + error.text};
    case step::select:
      return refusal{errc::invalid_argument,
                     "it has no database " + std::to_string(options_.database) + ": " + error.text};
    default:
      return refusal{errc::bad_state, "it does not answer as Redis 6.2 or later does: " + error.text};
  }
}

std::string redis_place(const stores::redis_options& options) {
  if (!options.socket_path.empty()) return "Redis at " + options.socket_path;
  const bool is_ipv6 = options.host.find(':') != std::string::npos;
  return "Redis at " + (is_ipv6 ? "[" + options.host + "]" : options.host) + ":" + std::to_string(options.port);
}

}  // namespace troupe::internal
