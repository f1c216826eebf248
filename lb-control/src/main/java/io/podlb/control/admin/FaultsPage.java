package io.podlb.control.admin;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.podlb.server.service.FaultSet;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /api/v1/faults}, the one page that changes something: GET shows, PUT replaces, DELETE takes back.
 *
 * <p>A page of another site can make a browser send a PUT or DELETE only after it was allowed to by an answer to OPTIONS,
 * which it never is; and a PUT must say that it is JSON, which no form can. Runs on the admin event loop.
 */
final class FaultsPage {

    static final String PATH = "/api/v1/faults";

    private static final Logger log = LoggerFactory.getLogger(FaultsPage.class);
    private static final String ALLOWED = "GET, HEAD, PUT, DELETE";
    private static final String JSON = "application/json";

    private final @Nullable FaultControl faults;

    /**
     * @param faults null: none are done here
     */
    FaultsPage(@Nullable FaultControl faults) {
        this.faults = faults;
    }

    FullHttpResponse answer(FullHttpRequest request) {
        FaultControl control = faults;
        if (control == null) {
            return AdminHandler.text(
                    HttpResponseStatus.NOT_FOUND,
                    "no faults are done here; start lb run or lb demo with --allow-faults");
        }
        HttpMethod method = request.method();
        if (method.equals(HttpMethod.PUT)) {
            return put(request, control);
        }
        if (method.equals(HttpMethod.DELETE)) {
            set(FaultSet.NONE, control);
        } else if (!method.equals(HttpMethod.GET) && !method.equals(HttpMethod.HEAD)) {
            FullHttpResponse response = AdminHandler.text(HttpResponseStatus.METHOD_NOT_ALLOWED, ALLOWED + " only");
            response.headers().set(HttpHeaderNames.ALLOW, ALLOWED);
            return response;
        }
        return AdminHandler.json(FaultsJson.of(control.all().get()));
    }

    private static FullHttpResponse put(FullHttpRequest request, FaultControl control) {
        CharSequence type = HttpUtil.getMimeType(request);
        if (type == null || !type.toString().strip().toLowerCase(Locale.ROOT).equals(JSON)) {
            return AdminHandler.text(HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE, "send Content-Type: " + JSON);
        }
        FaultSet set;
        try {
            set = FaultsJson.read(ByteBufUtil.getBytes(request.content()));
        } catch (IllegalArgumentException e) {
            return AdminHandler.text(HttpResponseStatus.BAD_REQUEST, oneLine(String.valueOf(e.getMessage())));
        }
        set(set, control);
        return AdminHandler.json(FaultsJson.of(control.all().get()));
    }

    private static void set(FaultSet set, FaultControl control) {
        control.set().accept(set);
        log.info("faults set by the admin endpoint: {}", set.isEmpty() ? "none" : set);
    }

    private static String oneLine(String message) {
        return message.replaceAll("\\R", " ");
    }
}
