#pragma once

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "troupe/detail/outside_call.hpp"

namespace troupe::detail {

/// Decodes the JSON array of a method's arguments. Throws `error{errc::invalid_argument}`, naming the one that does not
/// fit.
template <class... Args>
std::tuple<Args...> decode_arguments(std::string_view text, std::type_identity<std::tuple<Args...>>) {
  const std::vector<std::string_view> values = cut_arguments(text, sizeof...(Args));
  [[maybe_unused]] std::size_t position = 0;
  [[maybe_unused]] const auto next = [&]<class T>(std::type_identity<T>) {
    const std::string_view value = values[position];
    ++position;
    try {
      return codec<T>::decode(value);
    } catch (const error& failure) {
      throw error(failure.kind(), "argument " + std::to_string(position) + " " + failure.what());
    }
  };
  return std::tuple<Args...>{next(std::type_identity<Args>{})...};
}

/// A call by wire name: arguments come as JSON, the reply goes back as JSON.
template <class Actor, auto Member>
class dynamic_request final : public outside_request<Actor, Member> {
 public:
  dynamic_request(activation_ptr to, typename typed_request<Actor, Member>::arguments&& args, call_settings options,
                  dynamic_reply done)
      : outside_request<Actor, Member>(std::move(to), std::move(args), std::move(options)), done_(std::move(done)) {}

  // The reply is encoded in the turn: one that cannot be encoded fails it, so that nothing of it is kept.
  std::coroutine_handle<task_promise_base> start(actor& self) override {
    const auto coroutine = base::start(self);
    if (!coroutine) encode();
    return coroutine;
  }
  void take_result(std::coroutine_handle<task_promise_base> root) override {
    base::take_result(root);
    encode();
  }
  void encode_reply(std::string& json) const override { json += reply_; }
  void decode_reply(std::string_view json) override {
    base::decode_reply(json);
    reply_ = json;
  }

  void deliver(std::exception_ptr failure, delivery) noexcept override {
    // A handler that runs on after a failure may be about to encode its reply.
    std::string reply = failure ? std::string() : std::move(reply_);
    done_(std::move(failure), std::move(reply));
  }

  static void send(activation_ptr to, std::string_view arguments_json, call_settings options, dynamic_reply done) {
    using arguments = typename typed_request<Actor, Member>::arguments;
    auto* made = new dynamic_request(std::move(to), decode_arguments(arguments_json, std::type_identity<arguments>{}),
                                     std::move(options), std::move(done));
    made->outside_request<Actor, Member>::send();
  }

 private:
  using base = outside_request<Actor, Member>;

  void encode() {
    try {
      base::encode_reply(reply_);
    } catch (const error& failure) {
      throw_bad_reply(*this->target, this->name(), failure);
    }
  }

  dynamic_reply done_;
  std::string reply_;  // strand, and once the turn has ended whoever answers
};

template <class Actor, auto Member>
constexpr dynamic_sender sender_of() {
  using traits = member_traits<decltype(Member)>;
  if constexpr (all_encodable<typename traits::arguments> && encodable_result<typename traits::result>) {
    return &dynamic_request<Actor, Member>::send;
  } else {
    return nullptr;
  }
}

/// Makes a request that nobody waits for.
template <class Actor, auto Member>
request* make_unanswered(std::string_view arguments_json) {
  using arguments = typename typed_request<Actor, Member>::arguments;
  return new orphan_request<Actor, Member>(decode_arguments(arguments_json, std::type_identity<arguments>{}), {});
}

template <class Actor, auto Member>
constexpr request_maker maker_of() {
  using traits = member_traits<decltype(Member)>;
  if constexpr (all_encodable<typename traits::arguments> && encodable_result<typename traits::result>) {
    return &make_unanswered<Actor, Member>;
  } else {
    return nullptr;
  }
}

template <class Actor, class... Entries>
std::vector<method_info> describe_methods(std::type_identity<std::tuple<Entries...>>) {
  return {method_info{Entries::name, sender_of<Actor, Entries::member>(), maker_of<Actor, Entries::member>(),
                      Entries::traits}...};
}

}  // namespace troupe::detail
