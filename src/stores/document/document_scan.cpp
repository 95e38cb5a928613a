#include "stores/document/document_scan.hpp"

#include <utility>

namespace troupe::internal {
namespace {

/// One ordered page of names, or why there is none.
struct merged_names {
  spi::read_status status = spi::read_status::ok;
  std::string message{};
  std::vector<spi::due_actor> names{};
};

/// Fetches the pages that a merge wants, round by round.
class merging : public std::enable_shared_from_this<merging> {
 public:
  using fetch_page = std::function<void(const std::string& shard, const std::optional<spi::due_actor>& after,
                                        std::size_t entries, std::function<void(page_result)> done)>;

  merging(std::vector<std::string> shards, std::optional<spi::due_actor> after, std::size_t limit, fetch_page fetch,
          std::function<void(merged_names)> done)
      : shards_(std::move(shards)),
        merge_(shards_.size(), std::move(after), limit),
        fetch_(std::move(fetch)),
        done_(std::move(done)) {}

  void go_on() {
    const auto wanted = merge_.wanted();
    if (wanted.empty()) {
      done_({spi::read_status::ok, {}, merge_.take()});
      return;
    }
    left_ = wanted.size();
    for (const shard_merge::wanted_page& page : wanted) {
      fetch_(
          shards_[page.shard], page.after, page.entries,
          [self = shared_from_this(), shard = page.shard](page_result result) { self->add(shard, std::move(result)); });
    }
  }

 private:
  void add(std::size_t shard, page_result result) {
    if (result.status == spi::read_status::ok) {
      merge_.add(shard, std::move(result.page));
    } else if (failure_.status == spi::read_status::ok) {
      failure_ = {result.status, std::move(result.message), {}};
    }
    if (--left_ != 0) return;
    if (failure_.status != spi::read_status::ok) {
      done_(std::move(failure_));
    } else {
      go_on();
    }
  }

  std::vector<std::string> shards_;
  shard_merge merge_;
  fetch_page fetch_;
  std::function<void(merged_names)> done_;
  std::size_t left_ = 0;
  merged_names failure_{};
};

/// A list under way: names, then their documents, until the page is full or the names are over.
class listing : public std::enable_shared_from_this<listing> {
 public:
  listing(document_backend& backend, spi::list_query query, std::function<void(spi::list_result)> done)
      : backend_(backend), query_(std::move(query)), done_(std::move(done)) {}

  void begin() {
    backend_.list_shards(query_.type, [self = shared_from_this()](shards_result result) {
      if (result.status != spi::read_status::ok) {
        self->done_({result.status, std::move(result.message), {}});
        return;
      }
      self->shards_ = std::move(result.shards);
      self->next_names();
    });
  }

 private:
  void next_names() {
    if (shards_.empty()) {
      finish();
      return;
    }
    std::optional<spi::due_actor> after;
    if (query_.after) after = {*query_.after, {}};
    const auto fetch = [self = shared_from_this()](const std::string& shard, const auto& behind, std::size_t entries,
                                                   std::function<void(page_result)> done) {
      std::optional<actor_id> actor;
      if (behind) actor = behind->actor;
      self->backend_.list_page(shard, self->query_, actor, entries, std::move(done));
    };
    wanted_ = query_.limit - result_.actors.size();
    std::make_shared<merging>(shards_, std::move(after), wanted_, fetch, [self = shared_from_this()](merged_names got) {
      self->take_names(std::move(got));
    })->go_on();
  }

  void take_names(merged_names got) {
    if (got.status != spi::read_status::ok) {
      done_({got.status, std::move(got.message), {}});
      return;
    }
    std::vector<actor_id> actors;
    for (spi::due_actor& name : got.names) actors.push_back(std::move(name.actor));
    if (actors.empty()) {
      finish();
      return;
    }
    query_.after = actors.back();
    const bool last = actors.size() < wanted_;
    backend_.fetch(std::move(actors), [self = shared_from_this(), last](std::vector<document_fetch> fetched) {
      self->take_documents(std::move(fetched), last);
    });
  }

  void take_documents(std::vector<document_fetch> fetched, bool last) {
    for (document_fetch& fetch : fetched) {
      if (fetch.status == fetch_status::failed) {
        done_({spi::read_status::unavailable, std::move(fetch.message), {}});
        return;
      }
      if (fetch.status == fetch_status::damaged) {
        result_.status = spi::read_status::damaged;
        if (result_.message.empty()) result_.message = std::move(fetch.message);
        result_.actors.emplace_back().actor = std::move(fetch.held.content.actor.image.actor);
      } else if (fetch.status == fetch_status::found && !fetch.held.content.erased) {
        spi::actor_image& image = fetch.held.content.actor.image;
        spi::actor_image& listed = result_.actors.emplace_back();
        listed.actor = std::move(image.actor);
        listed.epoch = image.epoch;
        listed.stamp = image.stamp;
        listed.cells = std::move(image.cells);
        listed.reminders = std::move(image.reminders);
      }
    }
    last || result_.actors.size() >= query_.limit ? finish() : next_names();
  }

  void finish() { done_(std::move(result_)); }

  document_backend& backend_;
  spi::list_query query_;
  std::function<void(spi::list_result)> done_;
  std::vector<std::string> shards_;
  std::size_t wanted_ = 0;
  spi::list_result result_{spi::read_status::ok, {}, {}};
};

}  // namespace

void scan_list(document_backend& backend, spi::list_query query, std::function<void(spi::list_result)> done) {
  std::make_shared<listing>(backend, std::move(query), std::move(done))->begin();
}

void scan_due(document_backend& backend, const spi::due_query& query, std::function<void(spi::due_result)> done) {
  const auto fetch = [&backend, until = query.until](const std::string& shard, const auto& after, std::size_t entries,
                                                     std::function<void(page_result)> ready) {
    backend.due_page(shard, until, after, entries, std::move(ready));
  };
  std::make_shared<merging>(backend.due_shards(), query.after, query.limit, fetch,
                            [done = std::move(done)](merged_names got) {
                              done({got.status, std::move(got.message), std::move(got.names)});
                            })
      ->go_on();
}

}  // namespace troupe::internal
