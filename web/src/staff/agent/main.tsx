// The console of agents: /agent.

import "./agent.css";
import { createRootRoute, createRoute } from "@tanstack/react-router";
import { Shell } from "../shell/Shell";
import { start } from "../shell/start";
import { Console } from "./Console";
import { placeOf } from "./place";
import { en } from "./texts/en";
import { zh } from "./texts/zh";

const root = createRootRoute({ component: () => <Shell app="agent" sections={[]} wide /> });
const routeTree = root.addChildren([createRoute({ getParentRoute: () => root, path: "/", validateSearch: placeOf, component: Console })]);

void start({ name: "agent", needs: "session", texts: { en, zh }, routeTree });
