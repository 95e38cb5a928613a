// Calls that need no identity are shared by interchangeable actors: each goes to one that is idle.
#include <chrono>
#include <future>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <boost/asio/use_future.hpp>
#include <troupe/troupe.hpp>

class renderer : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "renderer";
  static constexpr troupe::durability persistence = troupe::durability::none();  // workers keep no state

  troupe::task<std::string> render(int) {
    co_await troupe::sleep_for(std::chrono::milliseconds(200));  // stands for work
    co_return std::string(key());
  }
  using methods = troupe::methods<&renderer::render>;
};

int main() {
  troupe::runtime rt;
  rt.host<renderer>();
  const troupe::worker_pool<renderer> pool(rt, "pages", 3);

  std::vector<std::future<std::string>> pages;
  for (int page = 0; page < 6; ++page) {
    pages.push_back(pool.call<&renderer::render>(page)(boost::asio::use_future));
  }
  std::map<std::string, int> rendered;
  for (auto& page : pages) ++rendered[page.get()];
  for (const auto& [worker, count] : rendered) std::cout << worker << " rendered " << count << '\n';
  std::cout << "one more, by " << pool.call<&renderer::render>(6).get() << '\n';
}
