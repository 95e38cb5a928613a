#include "stores/document/document_store.hpp"

#include <utility>

#include "stores/document/document_scan.hpp"

namespace troupe::internal {
namespace {

/// How often a record is judged anew because others keep writing its actor.
constexpr std::size_t rounds_max = 16;

}  // namespace

struct document_store::commit_batch {
  std::span<const spi::turn_record> records;
  std::vector<spi::commit_result> results;
  std::function<void(std::vector<spi::commit_result>)> done;
  std::size_t left;
};

/// One record under way.
struct document_store::commit_flow {
  const spi::turn_record& record;
  spi::commit_result& result;
  std::shared_ptr<commit_batch> batch;
  std::size_t rounds = 0;
  bool in_doubt = false;               ///< a write may have been applied that nobody confirmed
  std::vector<std::string> dropped{};  ///< chunks that nobody refers to once the write is applied
};

document_store::document_store(std::unique_ptr<document_backend> backend, std::unique_ptr<http_client> client,
                               spi::store_limits limits, std::size_t cache_bytes, std::string place)
    : backend_(std::move(backend)),
      limits_(limits),
      place_(std::move(place)),
      cache_(cache_bytes),
      client_(std::move(client)) {}

bool document_store::enter() {
  const std::lock_guard lock(mutex_);
  if (closed_) return false;
  ++under_way_;
  return true;
}

void document_store::leave() {
  const std::lock_guard lock(mutex_);
  if (--under_way_ == 0) idle_.notify_all();
}

void document_store::close_client() {
  std::call_once(ended_, [this] {
    {
      std::unique_lock lock(mutex_);
      closed_ = true;
      idle_.wait(lock, [this] { return under_way_ == 0; });
    }
    client_.reset();
  });
}

void document_store::async_load(std::span<const actor_id> actors,
                                std::function<void(std::vector<spi::load_result>)> done) {
  if (!enter()) {
    std::vector<spi::load_result> results;
    for (const actor_id& actor : actors) {
      results.push_back(load_of_nothing(actor, spi::read_status::unavailable, closed_message()));
    }
    done(std::move(results));
    return;
  }
  client_->post([this, actors, done = std::move(done)] {
    backend_->fetch({actors.begin(), actors.end()}, [this, done](std::vector<document_fetch> fetched) {
      std::vector<spi::load_result> results;
      results.reserve(fetched.size());
      for (document_fetch& fetch : fetched) results.push_back(load_result_of(std::move(fetch)));
      done(std::move(results));
      leave();
    });
  });
}

spi::load_result document_store::load_result_of(document_fetch fetched) {
  const actor_id& actor = fetched.held.content.actor.image.actor;
  switch (fetched.status) {
    case fetch_status::failed:
      return load_of_nothing(actor, spi::read_status::unavailable, std::move(fetched.message));
    case fetch_status::damaged:
      return load_of_nothing(actor, spi::read_status::damaged, std::move(fetched.message));
    case fetch_status::absent:
      return load_of_nothing(actor, spi::read_status::ok);
    case fetch_status::found:
      break;
  }
  spi::load_result result = load_of(fetched.held.content);
  // While a record is under way this may be older than what is remembered.
  if (!lines_.contains(actor)) cache_.put(std::move(fetched.held));
  return result;
}

void document_store::async_commit(std::span<const spi::turn_record> records,
                                  std::function<void(std::vector<spi::commit_result>)> done) {
  if (!enter()) {
    done(std::vector<spi::commit_result>(records.size(), {spi::commit_status::unavailable, closed_message()}));
    return;
  }
  auto batch = std::make_shared<commit_batch>();
  batch->records = records;
  batch->results.resize(records.size());
  batch->done = std::move(done);
  client_->post([this, batch = std::move(batch)] { commit(batch); });
}

void document_store::commit(const std::shared_ptr<commit_batch>& batch) {
  if (batch->records.empty()) {
    batch->done({});
    leave();
    return;
  }
  batch->left = batch->records.size();
  for (std::size_t i = 0; i < batch->records.size(); ++i) {
    auto flow = std::make_shared<commit_flow>(commit_flow{batch->records[i], batch->results[i], batch});
    // Records of one actor go one after the other, in the order in which they came.
    auto& line = lines_[flow->record.actor];
    line.push_back(flow);
    if (line.size() == 1) begin(flow);
  }
}

void document_store::begin(const std::shared_ptr<commit_flow>& flow) {
  if (auto bad = refusal(flow->record, limits_)) {
    finish(flow, spi::commit_status::rejected, *std::move(bad));
    return;
  }
  const held_document* held = cache_.find(flow->record.actor);
  // What is remembered may be old: good enough to try a write that proves it, not to refuse one.
  if (held != nullptr && judge(held_by(&held->content, flow->record), flow->record) == commit_verdict::apply) {
    write(flow, held);
  } else {
    fetch(flow);
  }
}

void document_store::fetch(const std::shared_ptr<commit_flow>& flow) {
  if (++flow->rounds > rounds_max) {
    fail(flow, to_string(flow->record.actor) + " is written by others all the time");
    return;
  }
  backend_->fetch({flow->record.actor}, [this, flow](std::vector<document_fetch> fetched) {
    judge_fetched(flow, std::move(fetched.front()));
  });
}

void document_store::judge_fetched(const std::shared_ptr<commit_flow>& flow, document_fetch fetched) {
  const document& content = fetched.held.content;
  const bool erasable = flow->record.erase && content.actor.image.stamp.version != 0;
  if (fetched.status == fetch_status::failed) {
    fail(flow, std::move(fetched.message));
    return;
  }
  if (fetched.status == fetch_status::damaged && !erasable) {
    finish(flow, spi::commit_status::rejected, std::move(fetched.message));
    return;
  }
  const bool exists = fetched.status != fetch_status::absent;
  const held_actor held = held_by(exists ? &content : nullptr, flow->record);
  switch (judge(held, flow->record)) {
    case commit_verdict::repeated:
      if (fetched.status == fetch_status::found) cache_.put(std::move(fetched.held));
      finish(flow, spi::commit_status::committed);
      break;
    case commit_verdict::conflict:
      if (fetched.status == fetch_status::found) cache_.put(std::move(fetched.held));
      // In doubt, an earlier try of ours may be what somebody has built upon since.
      finish(flow, flow->in_doubt ? spi::commit_status::unknown : spi::commit_status::conflict,
             conflict_message(held, flow->record));
      break;
    case commit_verdict::apply:
      write(flow, exists ? &fetched.held : nullptr);
      break;
  }
}

void document_store::write(const std::shared_ptr<commit_flow>& flow, const held_document* held) {
  if (held == nullptr || flow->record.erase) {
    write_content(flow, held, {});
    return;
  }
  std::vector<log_chunk> chunks = chunks_of(held->content);
  if (chunks.empty()) {
    write_content(flow, held, {});
  } else {
    write_chunks(flow, *held, std::move(chunks));
  }
}

void document_store::write_chunks(const std::shared_ptr<commit_flow>& flow, const held_document& held,
                                  std::vector<log_chunk> chunks) {
  struct sealing {
    held_document held;
    std::vector<log_chunk> chunks;
    std::size_t left;
    bool all_written = true;
  };
  const auto state = std::make_shared<sealing>(sealing{held, std::move(chunks), 0});
  state->left = state->chunks.size();
  for (const log_chunk& chunk : state->chunks) {
    backend_->write_chunk(flow->record.actor, chunk, [this, flow, state](bool written) {
      state->all_written = state->all_written && written;
      if (--state->left != 0) return;
      // Without its chunks the document only stays larger for a while.
      if (!state->all_written) state->chunks.clear();
      write_content(flow, &state->held, state->chunks);
    });
  }
}

void document_store::write_content(const std::shared_ptr<commit_flow>& flow, const held_document* held,
                                   const std::vector<log_chunk>& sealed) {
  write_condition condition;
  if (held != nullptr) condition = {true, held->content.actor.image.stamp, held->tag};
  auto content = std::make_shared<document>(document_after(held == nullptr ? nullptr : &held->content, flow->record));
  seal(*content, sealed);
  flow->dropped.clear();
  if (held != nullptr) flow->dropped = chunks_dropped(held->content, sealed, *content);
  backend_->write(*content, condition, [this, flow, content](document_write result) {
    judge_written(flow, std::move(*content), std::move(result));
  });
}

void document_store::judge_written(const std::shared_ptr<commit_flow>& flow, document content, document_write written) {
  flow->in_doubt = flow->in_doubt || written.in_doubt;
  switch (written.status) {
    case write_status::written:
      cache_.put({std::move(content), std::move(written.tag)});
      drop_chunks(flow->record.actor, flow->dropped);
      finish(flow, spi::commit_status::committed);
      break;
    case write_status::superseded:
      cache_.drop(flow->record.actor);
      fetch(flow);
      break;
    case write_status::rejected:
      finish(flow, spi::commit_status::rejected, std::move(written.message));
      break;
    case write_status::failed:
      cache_.drop(flow->record.actor);
      fail(flow, std::move(written.message));
      break;
  }
}

void document_store::drop_chunks(const actor_id& actor, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    {
      const std::lock_guard lock(mutex_);
      ++under_way_;
    }
    backend_->drop_chunk(actor, name, [this] { leave(); });
  }
}

void document_store::fail(const std::shared_ptr<commit_flow>& flow, std::string message) {
  finish(flow, flow->in_doubt ? spi::commit_status::unknown : spi::commit_status::unavailable, std::move(message));
}

void document_store::finish(const std::shared_ptr<commit_flow>& flow, spi::commit_status status, std::string message) {
  flow->result = {status, std::move(message)};
  const auto line = lines_.find(flow->record.actor);
  line->second.pop_front();
  if (line->second.empty()) {
    lines_.erase(line);
  } else {
    client_->post([this, next = line->second.front()] { begin(next); });
  }
  const std::shared_ptr<commit_batch> batch = flow->batch;
  if (--batch->left != 0) return;
  batch->done(std::move(batch->results));
  leave();
}

void document_store::async_list(spi::list_query query, std::function<void(spi::list_result)> done) {
  if (!enter()) {
    done({spi::read_status::unavailable, closed_message(), {}});
    return;
  }
  client_->post([this, query = std::move(query), done = std::move(done)] {
    scan_list(*backend_, query, [this, done](spi::list_result result) {
      done(std::move(result));
      leave();
    });
  });
}

void document_store::async_scan_due(spi::due_query query, std::function<void(spi::due_result)> done) {
  if (!enter()) {
    done({spi::read_status::unavailable, closed_message(), {}});
    return;
  }
  client_->post([this, query = std::move(query), done = std::move(done)] {
    scan_due(*backend_, query, [this, done](spi::due_result result) {
      done(std::move(result));
      leave();
    });
  });
}

template <typename Result>
void document_store::read_part(const actor_id& actor, std::function<Result(const kept_actor&)> read,
                               std::function<void(Result)> done) {
  Result result;
  if (!enter()) {
    result.message = closed_message();
    done(std::move(result));
    return;
  }
  client_->post([this, actor, read = std::move(read), done = std::move(done)] {
    backend_->fetch({actor}, [this, read, done](std::vector<document_fetch> fetched) {
      Result found;
      document_fetch& fetch = fetched.front();
      if (fetch.status == fetch_status::found || fetch.status == fetch_status::absent) {
        const bool holds = fetch.status == fetch_status::found && !fetch.held.content.erased;
        found = read(holds ? fetch.held.content.actor : kept_actor{});
      } else {
        const bool damaged = fetch.status == fetch_status::damaged;
        found.status = damaged ? spi::read_status::damaged : spi::read_status::unavailable;
        found.message = std::move(fetch.message);
      }
      done(std::move(found));
      leave();
    });
  });
}

void document_store::async_read_items(spi::item_query query, std::function<void(spi::item_result)> done) {
  const actor_id actor = query.actor;
  read_part<spi::item_result>(
      actor, [query = std::move(query)](const kept_actor& kept) { return read_items(kept, query); }, std::move(done));
}

void document_store::async_take_lease(std::string, std::function<void(spi::lease_result)> done) {
  done({spi::read_status::unavailable, place_ + ": this store offers no leases, as it writes one document at a time",
        0});
}

}  // namespace troupe::internal
