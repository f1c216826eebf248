package io.podlb.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;
import tools.jackson.databind.json.JsonMapper;

/** The folder {@code docker/} of the repository, read strictly. */
final class DockerFolder {

    static final Path PATH = Path.of("../docker");

    /** The model keeps what it does not know in a map; here it is an error, as it is to a strict API server. */
    static final JsonMapper STRICT = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .annotationIntrospector(new JacksonAnnotationIntrospector() {
                @Override
                public Boolean hasAnySetter(MapperConfig<?> config, Annotated annotated) {
                    return false;
                }
            })
            .build();

    private DockerFolder() {}

    static Stream<JsonNode> elements(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false);
    }

    static <T> T read(Path file, Class<T> type) {
        return strict(yaml(file), type);
    }

    /** Reads an object of which every field is known and has the type that it ought to have. */
    static <T> T strict(JsonNode tree, Class<T> type) {
        T object = STRICT.treeToValue(tree, type);
        assertThat(STRICT.readTree(STRICT.writeValueAsString(object)))
                .as("written again, nothing converted")
                .isEqualTo(STRICT.readTree(tree.toString()));
        return object;
    }

    static JsonNode yaml(Path file) {
        List<JsonNode> documents = yamls(file);
        assertThat(documents).as(file.toString()).hasSize(1);
        return documents.get(0);
    }

    static List<JsonNode> yamls(Path file) {
        try {
            List<JsonNode> documents = new ArrayList<>();
            new Load(LoadSettings.builder().setLabel(file.toString()).build())
                    .loadAllFromString(Files.readString(file))
                    .forEach(document -> documents.add(STRICT.valueToTree(document)));
            return documents;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
