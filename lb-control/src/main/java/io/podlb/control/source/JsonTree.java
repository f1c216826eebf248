package io.podlb.control.source;

import java.io.StringReader;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;

/** Reads plain maps, lists and scalars from JSON, one or several values after each other, within the bounds of YAML. */
final class JsonTree {

    private static final JsonMapper MAPPER = new JsonMapper(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(YamlTree.MAX_DEPTH)
                    .maxStringLength(GuardedReader.MAX_SCALAR_CHARS)
                    .maxTokenCount(YamlTree.MAX_NODES)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build());

    private JsonTree() {}

    static boolean looksLike(String text, Chunk chunk) {
        for (int i = chunk.from(); i < chunk.to(); i++) {
            char c = text.charAt(i);
            if (!Character.isWhitespace(c)) {
                return c == '{' || c == '[';
            }
        }
        return false;
    }

    /**
     * Reads every value of the chunk.
     *
     * @param trees gets those before the first mistake
     */
    static void read(String text, Chunk chunk, List<Object> trees) throws RefusedException {
        try (JsonParser parser = MAPPER.createParser(new StringReader(text.substring(chunk.from(), chunk.to())));
                MappingIterator<Object> values = MAPPER.readerFor(Object.class).readValues(parser)) {
            while (values.hasNextValue()) {
                trees.add(values.nextValue());
            }
        } catch (JacksonException e) {
            String place = e.getLocation() == null
                    ? ""
                    : "line " + (e.getLocation().getLineNr() + chunk.line() - 1) + ", column "
                            + e.getLocation().getColumnNr() + ": ";
            throw new RefusedException(place + "is no JSON: " + e.getOriginalMessage(), "mend the syntax");
        }
    }
}
