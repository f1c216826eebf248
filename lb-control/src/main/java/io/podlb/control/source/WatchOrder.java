package io.podlb.control.source;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.json.JsonMapper;

/**
 * Takes out of one watch what is older than what it has said of the same object before. API servers promise that order
 * and proxies between have broken it; an endpoint that is gone would come back until the next list. Versions that are
 * decimal numbers can be compared (KEP-5504); others are believed, and so is everything that a list or another watch
 * says: a cluster that was restored from a backup counts from an earlier number.
 *
 * <p>The one thread that reads the answer.
 */
final class WatchOrder {

    private static final Logger log = LoggerFactory.getLogger(WatchOrder.class);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final String resource;
    private final Map<String, String> newest = new HashMap<>(); // by namespace/name; deleted objects too

    WatchOrder(String resource) {
        this.resource = resource;
    }

    /** These lines, each of them whole, without the events that come too late. */
    List<ByteBuffer> of(List<ByteBuffer> lines) {
        List<ByteBuffer> kept = new ArrayList<>();
        for (ByteBuffer buffer : lines) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
            int from = 0;
            for (int end = 0; end < bytes.length; end++) {
                if (bytes[end] == '\n') {
                    if (isInOrder(bytes, from, end - from)) {
                        kept.add(ByteBuffer.wrap(bytes, from, end + 1 - from));
                    }
                    from = end + 1;
                }
            }
        }
        return kept;
    }

    private boolean isInOrder(byte[] bytes, int from, int length) {
        Version version = version(bytes, from, length);
        if (version == null) {
            return true;
        }
        String known = newest.get(version.key());
        if (known != null && isOlder(version.number(), known)) {
            log.debug("{}: {} of version {} came after {}", resource, version.key(), version.number(), known);
            return false;
        }
        newest.put(version.key(), version.number());
        return true;
    }

    /** Both are decimal numbers of any size without leading zeros. */
    private static boolean isOlder(String version, String known) {
        return version.length() != known.length() ? version.length() < known.length() : version.compareTo(known) < 0;
    }

    private record Version(String key, String number) {}

    /** Null where there is none to compare: bookmarks, errors, text that somebody else has to complain of. */
    private static @Nullable Version version(byte[] bytes, int from, int length) {
        try (JsonParser parser = JSON.createParser(bytes, from, length)) {
            if (!goTo("object", parser) || !goTo("metadata", parser) || parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            Map<String, String> texts = new HashMap<>();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                if (parser.nextToken() == JsonToken.VALUE_STRING) {
                    texts.put(name, parser.getString());
                } else {
                    parser.skipChildren();
                }
            }
            String number = texts.get("resourceVersion");
            String name = texts.get("name");
            return name == null || number == null || !isDecimal(number)
                    ? null
                    : new Version(texts.getOrDefault("namespace", "") + "/" + name, number);
        } catch (JacksonException e) {
            log.debug("a line that is no event: {}", new String(bytes, from, length, StandardCharsets.US_ASCII));
            return null;
        }
    }

    /** Goes into the object that comes next, up to its property of this name. */
    private static boolean goTo(String property, JsonParser parser) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return false;
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            if (parser.currentName().equals(property)) {
                return true;
            }
            parser.nextToken();
            parser.skipChildren();
        }
        return false;
    }

    private static boolean isDecimal(String number) {
        return !number.isEmpty() && number.charAt(0) != '0' && number.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
