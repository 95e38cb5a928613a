// What travels with a call and with all that comes of it, a tenant and a W3C trace, and filters that see every turn.
#include <atomic>
#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <troupe/troupe.hpp>

class stock : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "stock";
  int take(int count) { return left_ -= count; }
  using methods = troupe::methods<&stock::take>;

 private:
  int left_ = 10;
};

class shop : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "shop";

  troupe::task<std::string> sell(int count) {
    const int left = co_await ref<stock>("tea").call<&stock::take>(count);  // goes along by itself
    const std::string tenant(context().get("tenant").value_or("nobody"));
    const troupe::trace_context* trace = context().trace();
    // What the shop asks another service gets the step of this turn.
    const std::string header = trace != nullptr ? "traceparent: " + trace->traceparent() : "no trace";
    co_return "sold for " + tenant + ", " + std::to_string(left) + " left; the courier gets " + header;
  }
  using methods = troupe::methods<&shop::sell>;
};

/// Writes a line when a handler begins, and one when it has ended.
class journal : public troupe::call_filter {
 public:
  void on_begin(const troupe::filtered_call& call, troupe::request_context& context) override {
    const troupe::trace_context* trace = context.trace();
    std::cout << "  " << call.actor_type << '/' << call.key << '.' << call.method << " begins, "
              << (trace != nullptr ? trace->traceparent() : "no trace") << '\n';
  }
  void on_end(const troupe::filtered_call& call, const std::exception_ptr& failure) noexcept override {
    std::cout << "  " << call.actor_type << '/' << call.key << '.' << call.method
              << (failure ? " failed\n" : " ended\n");
  }
};

/// Lets nobody in who does not say for whom.
class tenants_only : public troupe::call_filter {
 public:
  void on_begin(const troupe::filtered_call&, troupe::request_context& context) override {
    if (!context.get("tenant")) throw std::runtime_error("for which tenant?");
  }
};

/// What a web server does with the headers of a request.
std::string serve(troupe::runtime& rt, const std::string& traceparent, const std::string& tenant) {
  troupe::request_context context;
  if (const auto trace = troupe::trace_context::parse(traceparent)) context = context.with(*trace);
  if (!tenant.empty()) context = context.with("tenant", tenant);
  try {
    return rt.ref<shop>("s").with({.context = &context}).call<&shop::sell>(2).get();
  } catch (const std::exception& failure) {
    return std::string("refused: ") + failure.what();
  }
}

/// Numbers the steps of the example; by default they are random.
class numbers : public troupe::spi::entropy {
 public:
  [[nodiscard]] std::uint64_t next() noexcept override { return ++last_; }

 private:
  std::atomic<std::uint64_t> last_{0};
};

int main() {
  troupe::runtime_options options;
  options.entropy = std::make_shared<numbers>();
  options.filters.push_back(std::make_shared<journal>());  // sees all types
  troupe::runtime rt(options);
  rt.host<stock>();
  auto for_tenants = troupe::options_of<shop>();
  for_tenants.filters.push_back(std::make_shared<tenants_only>());  // sees this type
  rt.host<shop>(for_tenants);

  const std::string outer = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  for (const std::string tenant : {"acme", ""}) {
    std::cout << "a request with " << outer << (tenant.empty() ? "" : " of " + tenant) << '\n';
    const std::string reply = serve(rt, outer, tenant);
    std::cout << "  " << reply << '\n';
  }
  std::cout << "a request with a trace that is none, of acme\n";
  const std::string reply = serve(rt, "00-nonsense", "acme");
  std::cout << "  " << reply << '\n';
}
