#include "stores/redis/redis_client.hpp"

#include <iterator>
#include <utility>

#include "base/system_clock.hpp"
#include "stores/redis/redis_answer.hpp"

namespace troupe::internal {
namespace {

/// A call that is sent on more often has met a cluster that does not know itself what it does.
constexpr unsigned redirections_max = 5;

}  // namespace

redis_client::redis_client(boost::asio::any_io_executor executor, stores::redis_options options)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      tls_(std::make_shared<redis_tls_context>(options_)),
      entropy_(make_system_entropy()),
      seed_(std::make_shared<redis_node>(executor_, options_, tls_, entropy_)) {}

void redis_client::call(unsigned slot, redis_call call, answer done) {
  ask(node_of(slot), {slot, std::make_shared<redis_call>(std::move(call)), std::move(done)}, redis_way::plain);
}

void redis_client::close() {
  is_closed_ = true;
  seed_->close();
  for (const auto& [address, node] : nodes_) node->close();
}

std::shared_ptr<redis_node> redis_client::node_of(unsigned slot) {
  const redis_address* address = slots_.find(slot);
  return address == nullptr ? seed_ : node_at(*address);
}

std::shared_ptr<redis_node> redis_client::node_at(const redis_address& address) {
  if (address == redis_address{options_.host, options_.port} && options_.socket_path.empty()) return seed_;
  auto& node = nodes_[{address.host, address.port}];
  if (!node) {
    stores::redis_options options = options_;
    options.host = address.host;
    options.port = address.port;
    options.socket_path.clear();
    node = std::make_shared<redis_node>(executor_, std::move(options), tls_, entropy_);
    if (is_closed_) node->close();
  }
  return node;
}

void redis_client::ask(const std::shared_ptr<redis_node>& node, journey call, redis_way way) {
  auto what = call.call;
  node->call(
      std::move(what),
      [self = shared_from_this(), node, call = std::move(call)](const redis_reply* reply,
                                                                const redis_silence* silence) mutable {
        self->take_answer(node, call, reply, silence);
      },
      way);
}

void redis_client::take_answer(const std::shared_ptr<redis_node>& node, journey& call, const redis_reply* reply,
                               const redis_silence* silence) {
  if (reply != nullptr && reply->is_error()) {
    const redis_error error = read_error(reply->text);
    if (is_redirected(*node, call, error)) return;
    if (error.fault == redis_fault::cluster_down || error.fault == redis_fault::moved) refresh(node);
    if (is_reason_to_reconnect(error.fault)) node->reconnect();
  }
  if (silence != nullptr && !nodes_.empty() && !is_closed_) {
    // The server may be gone for good: another one knows who has its slots.
    auto other = std::next(nodes_.begin(), static_cast<std::ptrdiff_t>(entropy_->next() % nodes_.size()))->second;
    refresh(other == node ? seed_ : std::move(other));
  }
  call.done(reply, silence);
}

bool redis_client::is_redirected(const redis_node& node, journey& call, const redis_error& error) {
  if (error.fault != redis_fault::moved && error.fault != redis_fault::ask) return false;
  auto address = read_address(error.address);
  if (!address || is_closed_ || ++call.redirections > redirections_max) return false;
  if (address->host.empty()) address->host = node.options().host;
  const auto other = node_at(*address);
  const bool is_for_good = error.fault == redis_fault::moved;
  if (is_for_good) {
    slots_.set(call.slot, *address);
    refresh(other);
  }
  ask(other, std::move(call), is_for_good ? redis_way::plain : redis_way::asking);
  return true;
}

void redis_client::refresh(const std::shared_ptr<redis_node>& node) {
  if (is_refreshing_ || is_closed_) return;
  is_refreshing_ = true;
  auto slots = std::make_shared<redis_call>();
  slots->command = {"CLUSTER", "SLOTS"};
  node->call(std::move(slots),
             [self = shared_from_this(), node](const redis_reply* reply, const redis_silence* /*silence*/) {
               self->is_refreshing_ = false;
               if (reply != nullptr && !reply->is_error()) self->slots_.take(*reply, node->options().host);
             });
}

}  // namespace troupe::internal
