package io.podlb.control.source;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.deser.DeserializationProblemHandler;

/**
 * Reads objects in which a field has another type than it should: the field is then absent. Otherwise one such object
 * would keep the whole list that it stands in from being read, again and again.
 */
final class TolerantJson extends KubernetesSerialization {

    @Override
    protected ObjectMapper configureMapper(ObjectMapper mapper) {
        return super.configureMapper(mapper.rebuild().addHandler(new Absent()).build());
    }

    private static final class Absent extends DeserializationProblemHandler {

        private static final Logger log = LoggerFactory.getLogger(TolerantJson.class);

        @Override
        public @Nullable Object handleUnexpectedToken(
                DeserializationContext context,
                JavaType type,
                JsonToken token,
                JsonParser parser,
                @Nullable String failure) {
            parser.skipChildren();
            return absent(parser, type.getRawClass());
        }

        @Override
        public @Nullable Object handleWeirdStringValue(
                DeserializationContext context, Class<?> type, String value, @Nullable String failure) {
            return absent(context.getParser(), type);
        }

        @Override
        public @Nullable Object handleWeirdNumberValue(
                DeserializationContext context, Class<?> type, Number value, @Nullable String failure) {
            return absent(context.getParser(), type);
        }

        private static @Nullable Object absent(JsonParser parser, Class<?> type) {
            log.warn(
                    "{} from the API server is no {}, the field is taken for absent",
                    parser.streamReadContext().pathAsPointer(),
                    type.getSimpleName());
            return null;
        }
    }
}
