// A checkpoint: the head of the audit chain in a signed note. Pure. It is no RFC 6962 tree head: it names a row of a
// hash chain, and proves that row and all before it.
//
//   wardex-gateway/5f0c...          the signer, which is also the key's name
//   audit chain head
//   row 18231
//   hash 9c1185a5...
//   at 2026-04-21T14:22:09.412Z
//   pruned 4000 5feceb66... 2026-04-20T00:00:00.000Z     only where retention has removed rows: the last of them
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "audit/signed_note.hpp"
#include "store/chain_head.hpp"

namespace wardex::audit {

inline constexpr std::string_view kSignerPrefix = "wardex-gateway/";
inline constexpr std::string_view kPurpose = "audit chain head";

/// The name under which a gateway signs.
std::string signer_name(std::string_view instance);
std::string checkpoint_text(const store::ChainHead& head);
/// Or what is wrong. Lines after those known are passed over: a later version may say more.
std::variant<store::ChainHead, std::string> parse_checkpoint_text(std::string_view text);

/// The note.
std::string sign_checkpoint(const store::ChainHead& head, const SigningKey& key);

struct Checkpoint {
  store::ChainHead head;
  Note note;
};
/// A note whose text is a checkpoint's; its signatures are not checked.
std::variant<Checkpoint, std::string> parse_checkpoint(std::string_view note);

}  // namespace wardex::audit
